"""The night: one run reads how leads ended, learns, is judged, and perhaps becomes the champion.

Asking twice makes one run. A run belongs to one worker by a lease; when the worker dies the next check hands
it to another, three times at most. Services here never enqueue: tasks and doors do.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction
from django.db.models.functions import Now

from modeling import lease, locks, night, registry
from modeling.lease import Heartbeat, LeaseLost
from modeling.models import Deployment, ModelVersion, RetrainRun, Verdict

if TYPE_CHECKING:
    from modeling.learning import Lesson

Progress = Callable[[str, float], None]

# Where each phase stands on the way from 0 to 1; tuning has a time budget, so it fills most of it.
SHARES: dict[str, tuple[float, float]] = {
    RetrainRun.Phase.READING: (0.0, 0.1),
    RetrainRun.Phase.PREPARING: (0.1, 0.15),
    RetrainRun.Phase.TUNING: (0.15, 0.75),
    RetrainRun.Phase.FITTING: (0.75, 0.9),
    RetrainRun.Phase.JUDGING: (0.9, 1.0),
}
OPEN = (RetrainRun.Status.QUEUED, RetrainRun.Status.RUNNING)

log = structlog.get_logger(__name__)


def unwatched(phase: str, part: float) -> None:
    """For runs nobody looks at."""


def request(*, slot: str, trigger: str, since: datetime | None = None) -> RetrainRun:
    """The run of `slot`, made if it is new; while a run is open, that one, whoever asks.

    `since`: it learns from leads alone that matured from then on, because the world was another before.
    """
    with transaction.atomic():
        locks.hold(locks.Lock.RUNS)
        unfinished = RetrainRun.objects.filter(status__in=OPEN).first()
        if unfinished is not None:
            return unfinished
        made_with = {"trigger": trigger[:150], "since": since}
        return RetrainRun.objects.get_or_create(slot=slot, defaults=made_with)[0]


def request_by(*, person: str, now: datetime) -> RetrainRun:
    """What a person asked for now, by whichever door."""
    return request(slot=f"manual:{now.isoformat(timespec='milliseconds')}", trigger=person)


def request_nightly(*, now: datetime, trigger: str) -> RetrainRun | None:
    """The run of the newest scheduled slot; None when it ran already, or nothing is scheduled."""
    due = night.last_slot(now=now)
    if due is None or RetrainRun.objects.filter(slot=night.slot_name(due)).exists():
        return None
    return request(slot=night.slot_name(due), trigger=trigger)


def check(*, now: datetime) -> list[int]:
    """Make up for what was missed. Returns the ids of the runs that wait for a worker."""
    give_up()
    due = night.last_slot(now=now)
    finished = RetrainRun.objects.filter(status=RetrainRun.Status.COMPLETED)
    if due is not None and not finished.filter(started_at__gte=due).exists():
        request_nightly(now=now, trigger="catch-up")
    return list(RetrainRun.objects.filter(lease.takeable()).values_list("pk", flat=True))


def run(run_id: int, *, watch: Progress = unwatched) -> RetrainRun | None:
    """Do the run in this process. None when it is not to be had: taken, finished, or tried often enough."""
    from modeling import study  # noqa: PLC0415 - numpy and scikit-learn stay out of processes that do not train

    claimed = lease.claim(run_id)
    if claimed is None:
        return None
    log.info("retrain_started", slot=claimed.slot, attempt=claimed.attempts)
    try:
        with Heartbeat(claimed) as heartbeat:
            judged_against = registry.champion()
            lesson = study.study(
                champion=judged_against,
                now=_learned_at(claimed),
                since=_learned_since(claimed, judged_against),
                on_progress=_of_the_whole(heartbeat.progress, watch),
            )
        _settle(claimed, lesson, judged_against)
    except study.NotEnoughData as error:
        _complete(claimed, verdict=Verdict.HOLD, reasons=[str(error)])
    except LeaseLost as error:
        log.warning("retrain_lease_lost", slot=claimed.slot, error=str(error))
    except (KeyboardInterrupt, SystemExit):
        lease.release(claimed)
        raise
    except Exception as error:  # whatever went wrong belongs into the run's row, where a person looks
        log.exception("retrain_attempt_failed", slot=claimed.slot, attempt=claimed.attempts)
        _fail(claimed, f"{type(error).__name__}: {error}")
    return RetrainRun.objects.select_related("version").defer("version__artifact").get(pk=run_id)


def _of_the_whole(*listeners: Progress) -> Progress:
    """Each phase's own progress as a part of the run's."""

    def say(phase: str, part: float) -> None:
        begins, ends = SHARES.get(phase, (0.0, 1.0))
        for listener in listeners:
            listener(phase, begins + (ends - begins) * min(max(part, 0.0), 1.0))

    return say


def _learned_at(claimed: RetrainRun) -> datetime:
    # The first attempt's start: what is tried again learns from the same past.
    return claimed.started_at or claimed.requested_at


def _learned_since(claimed: RetrainRun, judged_against: Deployment | None) -> datetime | None:
    """What the champion was taught to forget, its successors do not dig out again."""
    if claimed.since is None and judged_against is not None:
        runs = RetrainRun.objects.filter(version_id=judged_against.version_id, since__isnull=False)
        claimed.since = runs.order_by("-pk").values_list("since", flat=True).first()
        lease.held(claimed).update(since=claimed.since)
    return claimed.since


def _settle(claimed: RetrainRun, lesson: "Lesson", judged_against: Deployment | None) -> None:
    """Archive, deploy and complete in one transaction, which a worker that lost the run cannot enter."""
    with transaction.atomic():
        if lease.held(claimed).select_for_update().first() is None:
            raise LeaseLost(f"{claimed.slot} was taken over")
        archived = registry.register(
            data=lesson.artifact,
            trained_at=_learned_at(claimed),
            verdict=lesson.verdict,
            reasons=lesson.reasons,
            comparison=lesson.comparison,
            origin=claimed.slot,
        )
        verdict, reasons = _promoted(claimed, lesson, archived, judged_against)
        report = lesson.report | {"comparison": lesson.comparison}
        _complete(claimed, verdict=verdict, reasons=reasons, report=report, version=archived.version)


def _promoted(
    claimed: RetrainRun, lesson: "Lesson", archived: ModelVersion, judged_against: Deployment | None
) -> tuple[str, list[str]]:
    """What became of the gate's verdict."""
    if lesson.verdict != "promote":
        return lesson.verdict, lesson.reasons
    if judged_against is not None and judged_against.version_id == archived.version:
        return Verdict.HOLD, ["the same scorecard was learned again; it serves already"]
    if archived.version in registry.abandoned():
        return Verdict.HOLD, ["this very scorecard was rolled back from; only a person puts it back"]
    try:
        registry.promote(
            version=archived.version,
            judged_against=judged_against.pk if judged_against else None,
            actor=claimed.trigger,
            reason="; ".join(lesson.reasons),
        )
    except registry.ChampionChanged as error:
        return Verdict.HOLD, [str(error), *lesson.reasons]
    return lesson.verdict, lesson.reasons


def _complete(
    claimed: RetrainRun, *, verdict: str, reasons: list[str], report: dict[str, Any] | None = None,
    version: int | None = None,
) -> None:  # fmt: skip
    lease.held(claimed).update(
        status=RetrainRun.Status.COMPLETED, phase=RetrainRun.Phase.DONE, progress=1.0, completed_at=Now(),
        lease_until=None, verdict=verdict, reasons=reasons, report=registry.plain(report or {}),
        version_id=version, error="",
    )  # fmt: skip
    log.info("retrain_completed", slot=claimed.slot, verdict=verdict, version=version)


def _fail(claimed: RetrainRun, error: str) -> None:
    last = claimed.attempts >= lease.MAX_ATTEMPTS
    lease.held(claimed).update(
        status=RetrainRun.Status.FAILED if last else RetrainRun.Status.QUEUED,
        phase=RetrainRun.Phase.DONE if last else RetrainRun.Phase.WAITING,
        completed_at=Now() if last else None,
        lease_until=None,
        error=error[:5000],
    )


def give_up() -> None:
    """Runs whose last worker died too."""
    RetrainRun.objects.filter(lease.takeable(), attempts__gte=lease.MAX_ATTEMPTS).update(
        status=RetrainRun.Status.FAILED, phase=RetrainRun.Phase.DONE, completed_at=Now(), lease_until=None,
        error=f"the worker died in attempt {lease.MAX_ATTEMPTS} of {lease.MAX_ATTEMPTS}",
    )  # fmt: skip
