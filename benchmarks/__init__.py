"""Measurements of the product, beside what others reach; `make bench` runs them."""
