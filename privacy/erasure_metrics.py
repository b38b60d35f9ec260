"""Erasures, counted where they happen, and what Redis still owes, read from rows at scrape time."""

from collections.abc import Iterator

from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from privacy import forgetting
from privacy.models import Erasure

ERASURES = Counter("pii_erasures", "Erasures carried out", ["trigger"])

for _trigger in Erasure.Trigger.values:  # a series that is born with its first event has no rate before it
    ERASURES.labels(_trigger)


def count(trigger: str) -> None:
    """One more."""
    ERASURES.labels(trigger).inc()


class ErasureCollector(Collector):
    """How far Redis is behind."""

    def collect(self) -> Iterator[Metric]:
        """One gauge."""
        yield GaugeMetricFamily(
            "pii_erasures_pending_leads",
            "Erased leads whose memory in Redis has still to be forgotten",
            forgetting.pending(),
        )
