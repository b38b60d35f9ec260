"""How long work takes, and the line that tells it."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What it answers, and the seconds it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def spread(what: str, seconds: Sequence[float]) -> str:
    """Median and 99th percentile of at least two."""
    parts = statistics.quantiles(seconds, n=100)
    return f"{what:<40} {1000 * parts[49]:8.2f} ms   p99 {1000 * parts[98]:.2f} ms"
