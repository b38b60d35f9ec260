"""Time zones by name, as this machine knows them. Pure."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=1024)
def known(name: str) -> ZoneInfo | None:
    """None for a name that no zone has, or has no more, or not yet on this machine."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
