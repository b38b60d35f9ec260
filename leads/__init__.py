"""Leads, and how they ended."""
