"""customerops: api."""
