"""modeling: management commands."""
