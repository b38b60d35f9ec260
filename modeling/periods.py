"""Splitting leads by when their outcome became known, the only split that is fair to a model of the future.

By maturity, not by arrival: among the newest arrivals only the quickly maturing ones are known, which is no
fair sample. A model made before the cut knew none of the later labels.
"""

from dataclasses import dataclass

import numpy as np

from modeling.dataset import Dataset, Times, as_datetime

LARGEST_LATER = 30_000
LATER_SHARE = 0.2
FOLDS = 3


@dataclass(frozen=True)
class Split:
    """`past` as it was known at the cut, and the leads whose outcome became known `later`."""

    past: Dataset
    later: Dataset


def held_out(known: Dataset) -> Split:
    """The newest fifth of the known leads, at most 30,000, kept for judging."""
    return split(known, len(known) - min(int(len(known) * LATER_SHARE), LARGEST_LATER), len(known))


def forward_folds(known: Dataset, *, first: float = 0.5) -> list[Split]:
    """Forward-chaining folds: each learns from all that was known before it; the newest comes last."""
    n = len(known)
    cuts = [int(n * (first + (1 - first) * k / FOLDS)) for k in range(FOLDS + 1)]
    splits = [split(known, cuts[k], cuts[k + 1]) for k in range(FOLDS)]
    return [s for s in splits if usable(s.past) and usable(s.later)]


def split(known: Dataset, cut: int, until: int) -> Split:
    """`past`: what was known when the cut-th lead to mature was; `later`: from there to `until`."""
    # ties in maturity are cut by arrival, so that a file without real dates still has a later part
    order = np.lexsort((np.arange(len(known)), known.matures_at))
    later = known.take(np.sort(order[cut:until]))
    past = known.take(np.sort(order[:cut]))
    if len(past) == 0 or len(later) == 0:
        return Split(past, later)
    moment = past.matures_at.max()
    if moment < later.matures_at.min():
        past = past.known_at(as_datetime(moment))
    return Split(past, later)


def usable(leads: Dataset) -> bool:
    """Whether there are enough of both kinds of ending to learn anything from."""
    converted = int(leads.converted.sum())
    return min(converted, len(leads) - converted) >= 5


def span_days(times: Times) -> float:
    """From the earliest to the latest, in days."""
    return float((times.max() - times.min()) / np.timedelta64(1, "D")) if len(times) else 0.0
