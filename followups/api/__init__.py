"""followups: api."""
