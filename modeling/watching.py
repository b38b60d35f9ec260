"""The look at new leads, every night: of which kind they are, and whether that calls for a training run.

Services here never enqueue: a run that is asked for is handed over by the task. Training processes only.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from leads.signals import PREFIX
from modeling import breaks, family, moments, recent, registry, retraining
from modeling.cards import probabilities
from modeling.dataset import Dataset, as_time
from modeling.drift import FEWEST_LEADS, Shift, Sides, score_shift, shifts
from modeling.locks import Lock, hold
from modeling.models import Decision, DriftReport, ModelVersion, RetrainRun
from modeling.reading import read_dataset
from modeling.scorecard import Card
from modeling.usual import windows

MOST_REFERENCE = 20_000  # leads; more tell nothing new about shares
TRIGGER = "drift"
OPEN_ALREADY = "Nothing was done: a training run is open already."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a night saw and what it made of it. `report` is None while nothing serves."""

    report: DriftReport | None
    decision: Decision


def watch(*, now: datetime) -> Watched:
    """Look, then decide whether a training run is to be asked for."""
    report = look(now=now)
    with transaction.atomic():
        hold(Lock.DECISIONS)
        decision = _decide(report, now)
        decision.save()
    log.info("drift_watched", drift=report and report.drift, asked=decision.acted, reason=decision.reason)
    return Watched(report, decision)


def look(*, now: datetime) -> DriftReport | None:
    """Compare the leads of the last days with those the serving version learned from."""
    deployed = registry.champion()
    if deployed is None:
        return None
    version, age = deployed.version, timedelta(days=settings.DRIFT_DAYS)
    card = recent.load(version).card
    began = family.world_began().get(version.pk, moments.EVER)
    reference = moments.as_young(matured_after=began, matured_by=version.trained_at, age=age, now=now)
    sides = Sides(
        learned=_learned(version, began),
        reference=reference.sampled(MOST_REFERENCE),
        current=moments.newest(since=now - age, now=now),
        days=settings.DRIFT_DAYS,
    )
    young = frozenset(term.bins.spec.input for term in card.terms if term.bins.spec.input.startswith(PREFIX))
    found, score = shifts(card, sides, young=young), _score(card, sides)
    compared = {shift.feature for shift in found}
    uncounted = [
        term.bins.spec.name
        for term in card.terms
        if term.bins.spec.input not in young and term.bins.spec.name not in compared
    ]
    remark = _remark(sides, score, uncounted)
    return _report(version, found, score, remark, leads=len(sides.current), since=now - age, now=now)


def _learned(version: ModelVersion, began: datetime) -> Dataset:
    """The leads it learned from, as training read them then."""
    leads = read_dataset(now=version.trained_at).matured_since(began)
    return leads.take(leads.matures_at <= as_time(version.trained_at)).sampled(MOST_REFERENCE)


def _score(card: Card, sides: Sides) -> Shift | None:
    reference, current = (probabilities(card, leads) for leads in (sides.reference, sides.current))
    window = windows(sides.reference, sides.days)
    return score_shift(reference, current, window=window, features=len(card.terms))


def _report(
    version: ModelVersion, found: list[Shift], score: Shift | None, remark: str, *, leads: int,
    since: datetime, now: datetime,
) -> DriftReport:  # fmt: skip
    every = [*found, *([score] if score else [])]
    largest = max(every, key=lambda shift: shift.excess, default=None)
    return DriftReport.objects.create(
        version=version,
        at=now,
        since=since,
        leads=leads,
        drift=largest.excess if largest else None,
        largest=largest.feature if largest and largest.excess else "",
        shifts=[_plain(shift) for shift in found],
        score=_plain(score) if score else None,
        remark=remark,
    )


def _plain(shift: Shift) -> dict[str, Any]:
    return dict(registry.plain({**asdict(shift), "excess": shift.excess}))


def _remark(sides: Sides, score: Shift | None, uncounted: list[str]) -> str:
    """What could not be compared, and why."""
    if len(sides.current) < FEWEST_LEADS:
        return f"{len(sides.current):,} scored leads are too few to tell: {FEWEST_LEADS} are needed."
    told = []
    if uncounted:
        told.append(
            f"Not compared, for the version has counts of fewer than {FEWEST_LEADS} leads that it learned"
            f" from: {', '.join(uncounted)}."
        )
    if score is None:
        told.append(
            f"Only {len(sides.reference):,} of the leads it learned from were scored while they were open:"
            " scores, and what messages say, have nothing to be compared with yet."
        )
    return " ".join(told)


def _decide(report: DriftReport | None, now: datetime) -> Decision:
    """A row, whatever comes of it."""
    decision = Decision(
        kind=Decision.Kind.RETRAIN, at=now, version=report.version if report else None, acted=False
    )
    if report is None:
        decision.reason = "No version serves."
        return decision
    broken = breaks.broken_promise(report.version)
    grounds = [*_drifted(report), *([broken.sentence] if broken else [])]
    decision.evidence = {"drift": report.drift, "largest": report.largest, "report": report.pk}
    decision.evidence |= {"live": broken.evidence} if broken else {}
    if not grounds:
        decision.reason = f"Nothing to learn anew: {_calm(report)}"
    elif (obstacle := _obstacle(now)) is not None:
        decision.reason = " ".join([*grounds, obstacle])
    else:
        since = broken.since if broken else None
        _ask(decision, grounds, since, now)
    return decision


def _ask(decision: Decision, grounds: list[str], since: datetime | None, now: datetime) -> None:
    slot = f"{TRIGGER}:{now.isoformat(timespec='seconds')}"
    run = retraining.request(slot=slot, trigger=TRIGGER, since=since)
    if run.slot != slot:  # somebody asked a moment ago: theirs learns from something else, perhaps
        decision.reason = " ".join([*grounds, OPEN_ALREADY])
        return
    decision.run, decision.acted = run, True
    decision.reason = " ".join([*grounds, _asked(since)])


def _drifted(report: DriftReport) -> list[str]:
    if report.drift is None or report.drift < settings.DRIFT_PSI:
        return []
    index, bound = f"{report.drift:.2f}", f"{settings.DRIFT_PSI:.2f}"
    return [f"{report.largest} has moved: its stability index is {index} above noise, {bound} is enough."]


def _calm(report: DriftReport) -> str:
    if report.drift is None:
        return report.remark
    kept = f"{_most(report)}, and the serving version keeps what it promised as far as can be told."
    return f"{kept} {report.remark}".strip()


def _most(report: DriftReport) -> str:
    if report.drift:
        return f"{report.largest} moved most, by {report.drift:.2f}"
    return "no feature is beyond noise" if report.shifts else "scores are not beyond noise"


def _obstacle(now: datetime) -> str | None:
    """Why no run is asked for all the same."""
    if not settings.DRIFT_RETRAIN:
        return "Nothing was done: DRIFT_RETRAIN is off."
    if RetrainRun.objects.filter(status__in=retraining.OPEN).exists():
        return OPEN_ALREADY
    cooldown = now - timedelta(days=settings.DRIFT_RETRAIN_COOLDOWN_DAYS)
    last = (
        Decision.objects.filter(kind=Decision.Kind.RETRAIN, acted=True, at__gt=cooldown)
        .order_by("-at")
        .first()
    )
    if last is not None:
        return f"Nothing was done: a run was asked for on {last.at:%Y-%m-%d %H:%M}, which is not long ago."
    return None


def _asked(since: datetime | None) -> str:
    if since is None:
        return "A training run was asked for."
    return f"A training run was asked for that learns from leads alone that matured since {since:%Y-%m-%d}."
