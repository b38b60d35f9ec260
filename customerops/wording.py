"""Figures as people on call read them."""

import math
from datetime import UTC, datetime

HOUR = 3600.0


def count(number: float) -> str:
    """How many; none for nothing, and for what is not told."""
    return "none" if math.isnan(number) or not number else f"{number:,.0f}"


def figure(number: float) -> str:
    """With three decimals."""
    return "not measured" if math.isnan(number) else f"{number:.3f}"


def share(part: float, whole: float, *, least: float) -> str:
    """In percent, of `least` or more."""
    if math.isnan(whole) or math.isnan(part) or whole < least:
        return "too few to tell"
    return f"{part / whole:.1%}"


def duration(seconds: float) -> str:
    """As long as it took."""
    if math.isnan(seconds):
        return "not measured"
    if math.isinf(seconds):
        return "more than the longest bucket"
    if seconds < 1:
        return f"{seconds * 1000:,.0f} ms"
    if seconds < 2 * 60:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:,.1f} h"


def moment(timestamp: float, *, now: datetime) -> str:
    """When it was, and how long ago."""
    if math.isnan(timestamp) or not timestamp:
        return "never"
    at = datetime.fromtimestamp(timestamp, UTC)
    return f"{at:%Y-%m-%d %H:%M} UTC, {duration(max(0.0, (now - at).total_seconds()))} ago"
