"""Prometheus's durations, such as 90m or 1h30m, changed by a factor."""

import re

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}
PART = re.compile(r"(\d+)(ms|[smhdwy])")


def seconds(duration: str) -> float:
    """How long it is."""
    return sum(int(number) * UNITS[unit] for number, unit in PART.findall(duration))


def written(length: float) -> str:
    """Seconds as Prometheus reads them."""
    return f"{round(length * 1000)}ms" if length % 1 else f"{round(length)}s"


def times(duration: str, factor: float) -> str:
    """So much longer or shorter."""
    return written(seconds(duration) * factor)
