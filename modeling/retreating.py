"""Automatic rollback: from a version that is surely worse than the one before it, on the same leads.

Off unless AUTO_ROLLBACK is set; what it would have done is told all the same. Training processes only.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from modeling import family, recent, registry
from modeling.dataset import as_time
from modeling.delong import auc_interval, difference
from modeling.family import Family
from modeling.gate import Limits
from modeling.given import read_given
from modeling.locks import Lock, hold
from modeling.models import Decision, Deployment, ModelVersion
from modeling.quality import Interval

ACTOR = "automatic rollback"
BY_PERSONS = (Deployment.Kind.FORCE, Deployment.Kind.ROLLBACK)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both on the same moments of the same leads, none of which came before both were trained. AUCs are None
    while the leads are too few.
    """

    previous: int
    leads: int
    converted: int
    serving_auc: Interval | None = None
    previous_auc: Interval | None = None
    difference: Interval | None = None

    @property
    def surely_worse(self) -> bool:
        """The serving version's whole interval lies below the previous one's."""
        return bool(self.serving_auc and self.previous_auc and self.serving_auc.high < self.previous_auc.low)

    def told(self) -> str:
        """A sentence."""
        if self.serving_auc is None or self.previous_auc is None:
            return (
                f"{self.leads:,} leads ({self.converted:,} converted) that matured since both versions were"
                " trained are too few to compare them by."
            )
        return (
            f"On {self.leads:,} leads that came in since both were trained, the serving version has an AUC of"
            f" {_told(self.serving_auc)} and version {self.previous} one of {_told(self.previous_auc)}."
        )


def consider(*, now: datetime) -> Decision:
    """Compare the serving version with the one before it, and go back if that is surely better."""
    deployed, kin = registry.champion(), family.of_champion()
    found = compare(deployed.version, kin, now=now) if deployed and kin else None
    with transaction.atomic():
        hold(Lock.DECISIONS)
        decision = _decide(deployed, found, now)
        decision.save()
    log.info("rollback_considered", acted=decision.acted, reason=decision.reason)
    return decision


def compare(serving: ModelVersion, kin: Family, *, now: datetime) -> Comparison | None:
    """On the newest leads, at moments that came after all that is compared was trained. None when no other
    version has served.

    A version that only refreshed the one before it is compared, as its family, with what served before that.
    """
    target = kin.before or registry.previous_version()
    if target is None:
        return None
    before = ModelVersion.objects.get(pk=target)
    pool = _pool(now)
    oldest = serving.pk if kin.before is None else kin.members[-1]
    trained = ModelVersion.objects.get(pk=oldest).trained_at
    pool = pool.take(pool.at > as_time(max(trained, before.trained_at)))
    pool, ours = recent.in_force(pool, serving, kin.members)
    converted, limits = pool.leads.converted, Limits()
    won = int(converted.sum())
    if len(converted) < limits.fewest_leads or min(won, len(converted) - won) < limits.fewest_of_a_kind:
        return Comparison(target, len(converted), won)
    theirs = recent.says(before, pool)
    return Comparison(
        target,
        leads=len(converted),
        converted=won,
        serving_auc=auc_interval(ours, converted),
        previous_auc=auc_interval(theirs, converted),
        difference=difference(ours, theirs, converted),
    )


def _pool(now: datetime) -> recent.Pool:
    given = read_given(now=now).scores
    settled_until = given.settled_until(now)
    known = given.known_at(now, until=settled_until)
    return recent.newest_matured(given=known, settled_until=settled_until, now=now)


def _decide(deployed: Deployment | None, found: Comparison | None, now: datetime) -> Decision:
    decision = Decision(
        kind=Decision.Kind.ROLLBACK, at=now, acted=False, evidence=_evidence(found),
        version_id=deployed.version_id if deployed else None,
    )  # fmt: skip
    if deployed is None:
        decision.reason = "No version serves."
    elif found is None:
        decision.reason = "No other version has served before this one."
    elif not found.surely_worse:
        decision.reason = f"No reason to go back. {found.told()}"
    elif (obstacle := _obstacle(deployed, found.previous, now)) is not None:
        decision.reason = f"{found.told()} {obstacle}"
    else:
        _go_back(decision, deployed, found)
    return decision


def _obstacle(deployed: Deployment, previous: int, now: datetime) -> str | None:
    """Why it stays all the same."""
    if not settings.AUTO_ROLLBACK:
        return "Nothing was done: AUTO_ROLLBACK is off."
    if deployed.kind in BY_PERSONS:
        return "Nothing was done: a person put it in place."
    if previous in registry.abandoned():
        return f"Nothing was done: version {previous} was itself rolled back from."
    cooldown = now - timedelta(days=settings.AUTO_ROLLBACK_COOLDOWN_DAYS)
    last = (
        Decision.objects.filter(kind=Decision.Kind.ROLLBACK, acted=True, at__gt=cooldown)
        .order_by("-at")
        .first()
    )
    if last is not None:
        return f"Nothing was done: the last automatic rollback, on {last.at:%Y-%m-%d}, is not long ago."
    return None


def _go_back(decision: Decision, deployed: Deployment, found: Comparison) -> None:
    try:
        decision.deployment = registry.roll_back(
            to=found.previous,
            actor=ACTOR,
            reason=found.told(),
            kind=Deployment.Kind.AUTO_ROLLBACK,
            judged_against=deployed.pk,
        )
    except registry.ChampionChanged as error:
        decision.reason = f"{found.told()} Nothing was done: {error}."
        return
    decision.acted = True
    decision.reason = f"{found.told()} Version {found.previous} serves again."


def _evidence(found: Comparison | None) -> dict[str, Any]:
    return asdict(found) if found else {}


def _told(auc: Interval) -> str:
    return f"{auc.point:.3f} (between {auc.low:.3f} and {auc.high:.3f})"
