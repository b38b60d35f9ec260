"""modeling: api."""
