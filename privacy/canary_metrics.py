"""What the canary found last, read from rows at scrape time."""

from collections.abc import Iterator

from django.db.models import Max
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from privacy.models import CanaryFlight

Result = CanaryFlight.Result


class CanaryCollector(Collector):
    """The newest flights."""

    def collect(self) -> Iterator[Metric]:
        """Two gauges. The time is absent until the first clean flight."""
        last = GaugeMetricFamily(
            "pii_canary_last_success_timestamp_seconds", "When the canary last left nothing behind"
        )
        clean = CanaryFlight.objects.filter(result=Result.CLEAN).aggregate(at=Max("at"))["at"]
        if clean is not None:
            last.add_metric([], clean.timestamp())
        yield last
        newest = CanaryFlight.objects.exclude(result=Result.FAILED).order_by("-at").first()
        yield GaugeMetricFamily(
            "pii_canary_leaking",
            "Whether the newest flight that could look everywhere found a personal detail",
            float(newest is not None and newest.result == Result.LEAK),
        )
