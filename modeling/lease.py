"""A worker's hold on a run: extended while it lives, over when it dies, fenced against the late."""

import threading
from contextlib import AbstractContextManager
from datetime import timedelta
from types import TracebackType
from typing import Self

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from modeling.models import RetrainRun

MAX_ATTEMPTS = 3
WRITE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Another worker took the run over; what this one still writes is refused."""


def takeable() -> Q:
    """Runs that wait for a worker, or whose worker fell silent. Postgres's clock decides."""
    return Q(status=RetrainRun.Status.QUEUED) | Q(status=RetrainRun.Status.RUNNING, lease_until__lt=Now())


def claim(run_id: int) -> RetrainRun | None:
    """Take the run: None when another worker has it, it is over, or it was tried often enough."""
    taken = RetrainRun.objects.filter(takeable(), pk=run_id, attempts__lt=MAX_ATTEMPTS).update(
        status=RetrainRun.Status.RUNNING,
        phase=RetrainRun.Phase.READING,
        progress=0.0,
        attempts=F("attempts") + 1,
        fence=F("fence") + 1,
        lease_until=_lease_end(),
        started_at=Coalesce("started_at", Now()),
    )
    return RetrainRun.objects.get(pk=run_id) if taken else None


def held(run: RetrainRun) -> QuerySet[RetrainRun]:
    """The run's row, as long as this worker holds it."""
    return RetrainRun.objects.filter(pk=run.pk, fence=run.fence, status=RetrainRun.Status.RUNNING)


def release(run: RetrainRun) -> None:
    """Give the run back at once: its worker is stopped on purpose, which is no failed attempt."""
    held(run).update(
        status=RetrainRun.Status.QUEUED, phase=RetrainRun.Phase.WAITING, progress=0.0,
        attempts=F("attempts") - 1, lease_until=None,
    )  # fmt: skip


class Heartbeat(AbstractContextManager["Heartbeat"]):
    """Extends the lease from its own thread while the work goes on, and writes how far the work is."""

    def __init__(self, run: RetrainRun) -> None:
        self._run = run
        self._seen = (str(run.phase), 0.0)
        self._lost = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="retrain-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=10)

    def progress(self, phase: str, part: float) -> None:
        """Say where the work is: `part` of 1 of the run. Raises LeaseLost when somebody else took it."""
        if self._lost:
            raise LeaseLost(f"{self._run.slot} was taken over")
        self._seen = (phase, min(max(float(part), 0.0), 1.0))

    def _beat(self) -> None:
        written, pause, waited = self._seen, min(WRITE_SECONDS, settings.TRAINING_LEASE_SECONDS / 3), 0.0
        while not self._ended.wait(pause) and not self._lost:
            waited += pause
            if self._seen != written or waited >= settings.TRAINING_LEASE_SECONDS / 3:
                written, waited = self._seen, 0.0
                self._write(*written)
        connection.close()

    def _write(self, phase: str, part: float) -> None:
        try:
            kept = held(self._run).update(phase=phase, progress=part, lease_until=_lease_end())
        except (DatabaseError, InterfaceError) as error:
            log.warning("heartbeat_not_written", slot=self._run.slot, error=str(error))
            connection.close()
        else:
            self._lost = not kept


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.TRAINING_LEASE_SECONDS)
