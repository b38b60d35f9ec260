"""followups: commands."""
