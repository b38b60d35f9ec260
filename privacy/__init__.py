"""Keeps personal data out of everything but one encrypted column. Knows no other app."""
