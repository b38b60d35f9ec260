"""followups: management commands."""
