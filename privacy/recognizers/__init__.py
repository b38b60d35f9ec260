"""Recognizers: what personal data looks like, one file for each family of kinds. They read the normalised copy only."""
