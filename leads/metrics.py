"""How leads ended and what their messages told, counted where it is recorded."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import product

from prometheus_client import Counter

from leads.signals import Enrichment, Intent, Sentiment, Urgency

STATES = ("booked", "qualified", "nurture", "ghosted", "unqualified", "spam")

OUTCOMES = Counter("lead_outcomes_total", "Outcomes recorded, corrections included.", ["outcome"])
ENRICHMENTS = Counter(
    "lead_enrichments_total", "Messages that were read for intent.", ["intent", "urgency", "sentiment"]
)

for _state in STATES:  # a series that is born with its first event has no rate before it
    OUTCOMES.labels(_state)
for _labels in product(Intent, Urgency, Sentiment):
    ENRICHMENTS.labels(*(label.value for label in _labels))


_synthetic = ContextVar("synthetic", default=False)


@contextmanager
def synthetic() -> Iterator[None]:
    """What this thread does meanwhile is a probe: it counts in no rate that people are judged by."""
    before = _synthetic.set(True)
    try:
        yield
    finally:
        _synthetic.reset(before)


def is_synthetic() -> bool:
    """Whether this thread is at a probe."""
    return _synthetic.get()


def count_outcomes(states: Iterable[str]) -> None:
    """Count recorded rows."""
    for state in () if is_synthetic() else states:
        OUTCOMES.labels(state).inc()


def count_enrichment(enrichment: Enrichment) -> None:
    """Count a message that was read."""
    if is_synthetic():
        return
    ENRICHMENTS.labels(enrichment.intent.label, enrichment.urgency.label, enrichment.sentiment.label).inc()
