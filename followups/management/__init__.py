"""followups: management."""
