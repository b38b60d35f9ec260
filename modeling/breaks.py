"""Whether the serving version still keeps what it promised when it was judged, and since when it does not."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import QuerySet

from modeling.models import LiveQuality, ModelVersion
from modeling.status import auc_interval

SURELY_LOST = 0.05  # AUC; less may be the luck of a promise that a gate picked out
USUAL_WEEKS = 26
CHANCE = 0.5  # whatever was promised: leads in the wrong order are always a break


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that no longer holds. What was learned from before `since` is of another world."""

    sentence: str
    since: datetime
    evidence: dict[str, Any]


def broken_promise(version: ModelVersion) -> Broken | None:
    """None while live quality's interval reaches what the gate saw, or cannot be told."""
    row = LiveQuality.objects.filter(version=version, span=LiveQuality.Span.RECENT).first()
    least = max(_promised(version, row) - SURELY_LOST, CHANCE) if row else CHANCE
    if row is None or row.auc is None or row.auc_high is None or row.auc_high >= least:
        return None
    said = "" if version.auc is None else f" It was judged with {version.auc:.3f}."
    return Broken(
        sentence=f"The serving version's live AUC is {row.auc:.3f} (between {row.auc_low:.3f} and"
        f" {row.auc_high:.3f}) on {row.leads:,} leads.{said}",
        since=datetime.combine(_since(least, row), time(tzinfo=UTC)),
        evidence={
            "auc": row.auc, "auc_low": row.auc_low, "auc_high": row.auc_high, "leads": row.leads,
            "at_least": least,
        },
    )  # fmt: skip


def _promised(version: ModelVersion, recent: LiveQuality) -> float:
    """What the gate saw, or what scores were usually worth in life, whichever is less: leads whose hold-out
    is easier than life, groups that book together, do not break a promise every week.
    """
    low, _ = auc_interval(version)
    judged = low if low is not None else version.auc
    weeks = _weeks().filter(ends__lte=recent.starts).order_by("-starts")[:USUAL_WEEKS]
    leads = sum(week.leads for week in weeks)
    usual = sum((week.auc or 0.0) * week.leads for week in weeks) / leads if leads else None
    return min((promise for promise in (judged, usual) if promise is not None), default=CHANCE)


def _weeks() -> QuerySet[LiveQuality]:
    """Of whatever served, those with an AUC."""
    return LiveQuality.objects.filter(version=None, span=LiveQuality.Span.WEEK, auc__isnull=False)


def _since(least: float, recent: LiveQuality) -> date:
    """The first of the weeks up to now in which what served fell short; weeks with few leads tell nothing."""
    since = recent.starts
    for week in _weeks().order_by("-starts"):
        if (week.auc_high or 0.0) >= least:
            break
        since = week.starts
    return since
