"""leads: api."""
