"""Each of the night's measurements once, and made up for when beat or a worker was down at that minute.

An attempt belongs to whoever wrote its number into the row; what fails is tried again, three times at most.
"""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import TracebackType

import structlog
from django.db.models import F, Q
from django.db.models.functions import Now

from modeling import night
from modeling.models import Measurement

MAX_ATTEMPTS = 3
LIMIT_SECONDS = 1800  # a worker is killed after so long: an attempt that began earlier has ended somehow

log = structlog.get_logger(__name__)


class Attempt(AbstractContextManager[None]):
    """Writes how the work inside it ended, unless a later attempt has begun meanwhile."""

    def __init__(self, row: Measurement) -> None:
        self._row = row

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mine = Measurement.objects.filter(pk=self._row.pk, attempts=self._row.attempts)
        if error is None:
            mine.update(completed_at=Now(), error="")
            return
        mine.update(started_at=None, error=f"{type(error).__name__}: {error}"[:5000])
        log.error("measurement_failed", measurement=str(self._row), attempt=self._row.attempts)


def begin(kind: Measurement.Kind, *, trigger: str, now: datetime) -> Attempt | None:
    """Take the newest slot. None when it is measured, under way, failed often enough, or not due."""
    slot = _last_slot(kind, now)
    if slot is None:
        return None
    Measurement.objects.get_or_create(kind=kind, slot=slot, defaults={"trigger": trigger})
    row = Measurement.objects.filter(kind=kind, slot=slot)
    taken = row.filter(_takeable()).update(attempts=F("attempts") + 1, started_at=Now(), trigger=trigger)
    return Attempt(row.get()) if taken else None


def missed(*, now: datetime) -> list[Measurement.Kind]:
    """Those whose newest slot nobody has measured, or is measuring, and that may still be tried."""
    return [kind for kind in Measurement.Kind if (slot := _last_slot(kind, now)) and _is_open(kind, slot)]


def _last_slot(kind: Measurement.Kind, now: datetime) -> datetime | None:
    return night.last_slot(now=now, task=f"modeling.tasks.{kind.value}")


def _is_open(kind: Measurement.Kind, slot: datetime) -> bool:
    rows = Measurement.objects.filter(kind=kind, slot=slot)
    return rows.filter(_takeable()).exists() or not rows.exists()


def _takeable() -> Q:
    """Not begun, failed, or begun by a worker that must be dead by now. Postgres's clock decides."""
    silent = Q(started_at=None) | Q(started_at__lt=Now() - timedelta(seconds=LIMIT_SECONDS))
    return silent & Q(completed_at=None, attempts__lt=MAX_ATTEMPTS)
