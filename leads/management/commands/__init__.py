"""leads: management commands."""
