"""Which models read messages here: the newest that learned from corrections, else those of the release."""

from dataclasses import dataclass
from time import monotonic

import structlog

from leads.enrichment import shipped, shipped_digest
from leads.models import EnrichmentModel
from leads.understanding.artifact import ModelError, Models, load

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0  # how long a process may go on with what it has


@dataclass(slots=True)
class _Served:
    """The row that was loaded last. Two threads that look at the same time load it twice: no harm done."""

    row: int | None = None
    models: Models | None = None
    look_at: float = 0.0


_served = _Served()


def current() -> Models:
    """The models to read with. Looks for newer ones once a minute."""
    if monotonic() >= _served.look_at:
        _served.look_at = monotonic() + LOOK_SECONDS
        _look()
    return _served.models or shipped()


def forget() -> None:
    """Look again at the next message."""
    _served.look_at = 0.0


def _look() -> None:
    newest = EnrichmentModel.objects.filter(serves=True, base=shipped_digest()).order_by("-id")
    row = newest.values_list("id", flat=True).first()
    if row is None:
        _served.row = _served.models = None
    elif row != _served.row:
        _take(row)


def _take(row: int) -> None:
    data, sha256 = EnrichmentModel.objects.values_list("data", "sha256").get(id=row)
    try:
        _served.row, _served.models = row, load(bytes(data), sha256)
    except ModelError as error:
        # the release's own go on; the row is not asked for again
        _served.row, _served.models = row, None
        log.error("enrichment_model_refused", row=row, reason=str(error))
