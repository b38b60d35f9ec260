"""Who is told of follow-ups."""

from followups.admin import receivers

__all__ = ["receivers"]
