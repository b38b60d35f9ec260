"""What a version is worth on the newest matured leads, by cards that have learned from none of them.

Training processes only (numpy).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.conf import settings

from leads.models import Lead
from modeling import artifact, moments
from modeling.cards import probabilities
from modeling.dataset import Dataset, Floats, Labels, Mask, as_datetime, as_time
from modeling.given import column, one_each
from modeling.models import ModelVersion
from modeling.scorecard import Scorecard

NEWEST = 500  # leads, where fewer matured in LIVE_QUALITY_DAYS
SURELY_HELD_OUT = 0.9  # of the leads the gate judged by: erased and unsettled ones blur where they begin


@dataclass(frozen=True)
class Recent:
    """Scores of the newest leads that could be judged, `starts` and `ends` of their maturity."""

    scores: Floats
    converted: Labels
    starts: date
    ends: date


def of_version(
    version: ModelVersion, *, given: Dataset, settled_until: np.datetime64, now: datetime
) -> Recent | None:
    """None when there is no such lead.

    A lead is judged by the score the version gave it while it was open. Where it gave none, by what it says
    of the moment that was drawn for the lead, if the lead matured after the version was trained; or by what
    its judged card says, the one that was fitted without the leads of the gate, if the lead is one of those.
    So a version that was promoted this morning has live figures, and none by leads it has seen.
    """
    card = load(version)
    pool = newest_matured(given=given, settled_until=settled_until, now=now)
    fresh = pool.matures_at > as_time(version.trained_at)
    held_out = ~fresh & _held_out(version, card, pool)
    scores = np.where(fresh, probabilities(card.card, pool), np.nan)
    if card.judged is not None:
        scores = np.where(held_out, probabilities(card.judged.card, pool), scores)
    scores = _as_given(version.version, given, pool, scores)
    judged = ~np.isnan(scores)
    if not judged.any():
        return None
    matured = pool.matures_at[judged]
    return Recent(
        scores=scores[judged],
        converted=pool.converted[judged],
        starts=_day(matured.min()),
        ends=_day(matured.max()) + timedelta(days=1),
    )


def load(version: ModelVersion) -> Scorecard:
    """The version's verified scorecard."""
    return artifact.load(bytes(version.artifact), version.sha256, version=version.version)


def newest_matured(*, given: Dataset, settled_until: np.datetime64, now: datetime) -> Dataset:
    """Leads that were scored while open and matured in LIVE_QUALITY_DAYS, or the newest 500 of them."""
    since = min(now - timedelta(days=settings.LIVE_QUALITY_DAYS), _nth_newest_maturity(given, now))
    return moments.matured(after=since, now=now).known_at(now, until=settled_until)


def _nth_newest_maturity(given: Dataset, now: datetime) -> datetime:
    """A moment before the 500th newest lead matured that a version scored."""
    matured = np.sort(one_each(given).matures_at)[-NEWEST:]
    return as_datetime(matured[0]) - timedelta(microseconds=1) if len(matured) else now


def _held_out(version: ModelVersion, card: Scorecard, pool: Dataset) -> Mask:
    """The leads that the version's judged card surely has not learned from."""
    judged_by = version.comparison.get("leads") if card.judged is not None else None
    if not judged_by:
        return np.zeros(len(pool), dtype=bool)
    matured = Lead.objects.filter(matures_at__lte=version.trained_at).order_by("-matures_at")
    oldest = matured.values_list("matures_at", flat=True)[int(judged_by * SURELY_HELD_OUT)]
    return np.asarray(pool.matures_at > as_time(oldest))


def _as_given(version: int, given: Dataset, pool: Dataset, scores: Floats) -> Floats:
    mine = given.take(column(given, "version") == version)
    said = dict(zip(mine.ids.tolist(), column(mine, "probability").tolist(), strict=True))
    if not said:
        return scores
    keys = [bytes(key).rstrip(b"\0") for key in pool.ids]
    return np.array([said.get(key, score) for key, score in zip(keys, scores.tolist(), strict=True)])


def _day(moment: np.datetime64) -> date:
    found: date = moment.astype("datetime64[D]").item()
    return found
