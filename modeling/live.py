"""How good scores that were given turned out to be, and what they promised before any ending was known.

Training processes only (numpy).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from modeling.dataset import Floats, Ints, Labels, Times
from modeling.delong import auc_interval
from modeling.quality import Interval, auc_of_counts, brier, ece, log_loss

FEWEST_LEADS = 50
FEWEST_OF_A_KIND = 10  # converted, and not converted: fewer make an interval a guess
BEST = 0.2  # lift is told for the best fifth, as grade A is


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one set of matured leads. `auc` is None while there are too few; `expected_auc` needs no ending."""

    leads: int
    converted: int
    rate: float
    mean_score: float
    auc: Interval | None
    expected_auc: float
    brier: float
    log_loss: float
    ece: float
    lift: float | None


def figures(scores: Floats, converted: Labels) -> Figures:
    """All figures of one lead or more."""
    return Figures(
        leads=len(scores),
        converted=int(converted.sum()),
        rate=float(converted.mean()),
        mean_score=float(scores.mean()),
        auc=auc_interval(scores, converted) if enough(converted) else None,
        expected_auc=expected_auc(scores),
        brier=brier(scores, converted),
        log_loss=log_loss(scores, converted),
        ece=ece(scores, converted),
        lift=lift(scores, converted),
    )


def enough(converted: Labels) -> bool:
    """Whether there are leads enough, of both kinds, for an AUC with an interval."""
    won = int(converted.sum())
    return len(converted) >= FEWEST_LEADS and min(won, len(converted) - won) >= FEWEST_OF_A_KIND


def expected_auc(scores: Floats) -> float:
    """The AUC these scores would have if they were calibrated: each lead is taken to convert as often as it
    says. It needs no ending, so it is there at once, and is blind to a world that no longer keeps its word.
    """
    return auc_of_counts(scores, scores, 1.0 - scores)


def lift(scores: Floats, converted: Labels) -> float | None:
    """How many times as often the best fifth converted as all did; None when nobody did."""
    if not converted.any():
        return None
    # leads that share the last place share it: the order they came in must not count
    best = max(1, round(len(scores) * BEST))
    last = np.sort(scores)[-best]
    above, level = scores > last, scores == last
    won = converted[above].sum() + converted[level].mean() * (best - above.sum())
    return float(won / best / converted.mean())


def weeks(times: Times) -> Ints:
    """For each moment the Monday of its week, as days since 1970, in UTC."""
    days = times.astype("datetime64[D]").astype(np.int64)
    return np.asarray(days - (days + 3) % 7)


def by_week(times: Times) -> Iterator[tuple[date, Ints]]:
    """Each Monday with the rows of its week, oldest first."""
    mondays = weeks(times)
    for monday in np.unique(mondays).tolist():
        yield np.datetime64(monday, "D").item(), np.flatnonzero(mondays == monday)
