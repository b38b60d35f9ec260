"""leads: management."""
