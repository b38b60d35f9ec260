"""Rows of the privacy app."""
