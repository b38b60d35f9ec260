"""customerops: management."""
