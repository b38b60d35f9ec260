"""How leads ended, counted where an outcome is recorded."""

from collections.abc import Iterable

from prometheus_client import Counter

STATES = ("booked", "qualified", "nurture", "ghosted", "unqualified", "spam")

OUTCOMES = Counter("lead_outcomes_total", "Outcomes recorded, corrections included.", ["outcome"])

for _state in STATES:  # a series that is born with its first event has no rate before it
    OUTCOMES.labels(_state)


def count_outcomes(states: Iterable[str]) -> None:
    """Count recorded rows."""
    for state in states:
        OUTCOMES.labels(state).inc()
