"""Prometheus: django-prometheus's middleware with closed labels, and /metrics for any number of processes.

Facts that are rows come from collectors that read Postgres at scrape time; the rest lives in files below
PROMETHEUS_MULTIPROC_DIR, a set for each process. /metrics asks for no key: keep it inside, at the proxy.
"""

import contextlib
import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django_prometheus.middleware import PrometheusAfterMiddleware, PrometheusBeforeMiddleware
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from customerops import departed
from customerops.embedded.processes import is_gone
from followups.metrics import FollowUpCollector
from modeling.metrics import ModelCollector
from privacy.canary_metrics import CanaryCollector
from privacy.erasure_metrics import ErasureCollector

# Live gauges of a killed process would otherwise be shown for ever. Counters of the dead stay: they count.
LIVE_GAUGES = "gauge_live*_*.db"
READ_ATTEMPTS = 5
BLOCK = 512  # bytes; what stat counts in, on every system


class BeforeMiddleware(PrometheusBeforeMiddleware):  # type: ignore[misc] # untyped
    """Starts the clock."""


class AfterMiddleware(PrometheusAfterMiddleware):  # type: ignore[misc] # untyped
    """Stops the clock. The library writes the raw method into one histogram: any caller could add series."""

    def label_metric(
        self, metric: Any, request: HttpRequest, response: HttpResponse | None = None, **labels: str
    ) -> Any:
        """The metric's child; a method HTTP does not know is one label value, not its own."""
        if "method" in labels:
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Count it. The library would time the request here as well as when it is answered: twice."""
        view = self._get_view_name(request)
        self.label_metric(self.metrics.exceptions_by_type, request, type=type(exception).__name__).inc()
        self.label_metric(self.metrics.exceptions_by_view, request, view=view).inc()


class ProcessFiles(Collector):
    """What the processes of this machine counted, those that are gone included."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterator[Metric]:
        """Sum over all files. A process that starts this instant has a file without content: look again."""
        with self.folder.joinpath("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._sweep()
            self._reserve()
            departed.add_up(self.folder)
            merged = self._merged()
        yield from merged

    def _merged(self) -> list[Metric]:
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                files = [path for path in self.folder.glob("*.db") if path.stat().st_size]
                files += departed.files(self.folder)
                return list(MultiProcessCollector.merge(map(str, files)))  # type: ignore[no-untyped-call]
            except (OSError, struct.error, RuntimeError):
                if attempt == READ_ATTEMPTS:
                    raise
        return []

    def _sweep(self) -> None:
        for path in self.folder.glob(LIVE_GAUGES):
            pid = path.stem.rpartition("_")[2]
            if pid.isdecimal() and is_gone(int(pid)):
                path.unlink(missing_ok=True)

    def _reserve(self) -> None:
        """Give the files the space on disk that their size promises.

        They are made with holes and written through memory: on a disk that is full the kernel kills whoever
        writes into a hole, so every process would die of its first new series.
        """
        if not hasattr(os, "posix_fallocate"):
            return
        for path in self.folder.glob("*.db"):
            with (
                contextlib.suppress(OSError),
                path.open("r+b") as file,
            ):  # gone meanwhile, or already too late
                found = os.fstat(file.fileno())
                if found.st_blocks * BLOCK < found.st_size:
                    os.posix_fallocate(file.fileno(), 0, found.st_size)


class Rows(Collector):
    """The collectors that read Postgres, and whether they could."""

    def __init__(self, *collectors: Collector) -> None:
        self.collectors = collectors

    def collect(self) -> Iterator[Metric]:
        """Every series or, while Postgres is away, only the gauge that says so."""
        found: list[Metric] = []
        up = 1.0
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            for collector in self.collectors:
                found.extend(collector.collect())
        except (DatabaseError, InterfaceError):
            found, up = [], 0.0
        yield GaugeMetricFamily(
            "customerops_collector_up", "Whether the metrics that are rows could be read from Postgres", up
        )
        yield from found


ROWS = Rows(ModelCollector(), FollowUpCollector(), ErasureCollector(), CanaryCollector())


def exposition() -> bytes:
    """Everything there is to scrape, in Prometheus's text format."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return of_processes(Path(folder)) + of_rows()
    return generate_latest(REGISTRY) + of_rows()


def of_processes(folder: Path) -> bytes:
    """What the processes counted that have their files in `folder`."""
    return _text(ProcessFiles(folder))


def of_rows() -> bytes:
    """What Postgres holds."""
    return _text(ROWS)


def _text(collector: Collector) -> bytes:
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry)


def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics."""
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
