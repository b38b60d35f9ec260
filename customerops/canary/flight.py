"""One flight: through the API's doors for leads, a look everywhere, and away without a trace."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError, transaction
from redis import RedisError

from customerops.canary import doors, postgres, redis_keys, texts
from customerops.canary.doors import Doors
from customerops.metrics import exposition
from leads import metrics, removal
from leads.models import Lead
from privacy import forgetting
from privacy.canary import Canary, is_spotted, made_up
from privacy.models import CanaryFlight

NAMED = "canary-"  # external ids of its leads
LOST = timedelta(hours=1)  # a flight that was killed leaves its lead behind for so long
KEPT = timedelta(days=30)  # flights stay in the list for so long
Result = CanaryFlight.Result

log = structlog.get_logger(__name__)


def fly(*, now: datetime) -> CanaryFlight:
    """Pass through, look, erase, and keep what was found. Never raises for a door that is shut."""
    started, canary = time.time(), made_up(SystemRandom())
    found: dict[str, list[str]] = {}
    error = ""
    try:
        found = _passage(canary, started)
    except (doors.Refused, DatabaseError, InterfaceError, RedisError, OSError) as fault:
        error = type(fault).__name__ if is_spotted(canary, str(fault)) else f"{type(fault).__name__}: {fault}"
    return _kept(found, error, now=now, took=time.time() - started)


def _passage(canary: Canary, started: float) -> dict[str, list[str]]:
    since = postgres.moment()
    with texts.listening() as lines, doors.opened() as through, metrics.synthetic():
        lead = _pass(canary, through)
        try:
            answers = [*through.answers, through.get("/ops/export/outcomes.csv").decode("utf-8", "replace")]
            found = dict(_looks(canary, since, started, answers, lines))
        finally:
            _erase([lead], now=datetime.now(UTC))
        left = list(postgres.naming(lead, since=since))
    return found | ({"after erasure": left} if left else {})


def _pass(canary: Canary, through: Doors) -> UUID:
    """What callers send of a lead. Reasons and notes of the staff go other ways (`privacy.keeping`)."""
    first, *others = canary.texts
    made = through.post(
        "/v1/leads",
        {
            "external_id": f"{NAMED}{time.time_ns()}",
            "source": f"mail {canary.email}",
            "attributes": {"comment": first, "email": canary.email, "phone": canary.phone, "visits": 1},
            "contact": canary.contact,
            "message": first,
        },
    )
    path = f"/v1/leads/{made['lead_id']}"
    through.post(f"{path}/messages", [{"text": text} for text in others])
    through.post(
        f"{path}/messages", {"role": "agent", "text": f"Thanks {canary.name}, we call {canary.phone}"}
    )
    through.post(f"{path}/outcome", {"state": "nurture", "note": f"{canary.name} has {canary.card}"})
    through.post("/v1/predict", {"attributes": {"comment": first, "email": canary.email}})
    for place in (path, f"{path}/memory", "/v1/leads"):
        through.get(place)
    return UUID(made["lead_id"])


def _looks(
    canary: Canary, since: int, started: float, answers: Iterable[str], lines: Iterable[str]
) -> Iterator[tuple[str, list[str]]]:
    """Places with what was found there; those that are clean are left out."""
    seen: dict[str, Callable[[], Iterable[str]]] = {
        "redis": lambda: redis_keys.spotted(canary, seconds=time.time() - started),
        "postgres": lambda: postgres.spotted(canary, since=since),
        "answers and exports": lambda: _lines_with(canary, answers),
        "logs": lambda: _lines_with(canary, lines),
        "metrics": lambda: _lines_with(canary, exposition().decode().splitlines()),
        "files": lambda: texts.spotted_in_files(canary, since=started),
    }
    for place, look in seen.items():
        if found := list(look()):
            yield place, found


def _lines_with(canary: Canary, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if is_spotted(canary, line):
            yield f"number {number}"


def _erase(leads: list[UUID], *, now: datetime) -> None:
    """Without receipt and tombstones: nobody is kept away, and nobody asked."""
    named = list(Lead.objects.filter(pk__in=leads).values_list("pk", "external_id"))
    with transaction.atomic():
        removal.remove(named)
        forgetting.plan(leads, erasure=None, now=now)
    forgetting.forget()


def _kept(found: dict[str, list[str]], error: str, *, now: datetime, took: float) -> CanaryFlight:
    result = Result.LEAK if found else Result.FAILED if error else Result.CLEAN
    flight = CanaryFlight.objects.create(
        at=now, took_seconds=took, result=result, found=found, error=error[:500]
    )
    if result != Result.CLEAN:
        log.error("canary_flight", result=str(result), found=found, error=error)
    CanaryFlight.objects.filter(at__lt=now - KEPT).delete()
    lost = Lead.objects.filter(external_id__startswith=NAMED, created_at__lt=now - LOST)
    _erase(list(lost.values_list("pk", flat=True)), now=now)
    return flight
