"""modeling: management."""
