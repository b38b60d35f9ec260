"""Learns from matured leads, judges what it learned, serves it, and can go back."""
