"""Real-world plumbing of the product: settings, doors, keys, health and the intake story."""
