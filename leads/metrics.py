"""How leads ended and what their messages told, counted where it is recorded."""

from collections.abc import Iterable
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


def count_outcomes(states: Iterable[str]) -> None:
    """Count recorded rows."""
    for state in states:
        OUTCOMES.labels(state).inc()


def count_enrichment(enrichment: Enrichment) -> None:
    """Count a message that was read."""
    ENRICHMENTS.labels(enrichment.intent.label, enrichment.urgency.label, enrichment.sentiment.label).inc()
