"""customerops: management commands."""
