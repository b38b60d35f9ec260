"""Privacy in the admin."""

from privacy.admin import records, scrubs

__all__ = ["records", "scrubs"]
