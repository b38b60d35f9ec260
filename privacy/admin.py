"""Privacy in the admin."""

from privacy import record_admin

__all__ = ["record_admin"]
