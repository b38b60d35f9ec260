"""Recognizers: what personal data looks like, one file for each family of kinds, on the normalised copy."""
