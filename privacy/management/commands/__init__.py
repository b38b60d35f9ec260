"""privacy: commands."""
