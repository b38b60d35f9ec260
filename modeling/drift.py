"""Whether the leads of the last days are of another kind than those a version learned from.

The population stability index of every feature, held against what sampling alone gives at these numbers of
leads (forty leads in thirty bins "drift" by 0.7 when nothing has moved), and against what was usual while the
version's own leads came in. Training processes only (numpy).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from modeling.binning import code
from modeling.coarse import coarsened, counted, segment
from modeling.dataset import Dataset, Floats, Ints
from modeling.scorecard import Card, Term
from modeling.stationarity import FLOOR, psi, psis
from modeling.usual import reach, windows

FEWEST_LEADS = 100  # on either side
DRAWS = 2000
FALSE_ALARM = 0.02  # the chance that any of the features of a night that is like all others seems to move
FARTHEST = 0.0025  # five of the draws lie beyond: the last quantile that they tell
SCORE = "the score"
SCORE_GROUPS = 10
SEGMENTS = 3  # told of a feature
UNUSUAL = 1.5  # times the reach of the windows before
SMALLEST_CHANGE = 0.01  # of the leads; a segment that moved less is not told
SEED = 20


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the leads with the share it had when the version learned, and has now."""

    name: str
    before: float
    now: float


@dataclass(frozen=True)
class Shift:
    """How far one feature moved. `noise`: what sampling alone gives on average, `bound`: what it hardly ever
    exceeds; `usual`: how far, above noise, as many days were from the whole before.
    """

    feature: str
    psi: float
    noise: float
    bound: float
    leads: int
    reference: int
    usual: float = 0.0
    segments: tuple[Segment, ...] = ()
    seasonal: bool = False  # it moves with the calendar: told, but no verdict

    @property
    def excess(self) -> float:
        """What the index has above noise, where that cannot be sampling and is not usual either; else 0."""
        above = self.psi - self.noise
        moved = self.psi > self.bound and above > UNUSUAL * self.usual and not self.seasonal
        return max(0.0, above) if moved else 0.0


@dataclass(frozen=True)
class Sides:
    """`learned`: the leads a card learned from; `reference`: those of them that were scored while they were
    open, as young as the new ones are; `current`: the new ones, of so many `days`.
    """

    learned: Dataset
    reference: Dataset
    current: Dataset
    days: int


def shifts(card: Card, sides: Sides, *, young: frozenset[str]) -> list[Shift]:
    """One for each feature that can be compared, in the card's order.

    What is known at arrival is compared with the card's own counts of all leads it learned from. Features in
    `young` grow with a lead's age (what its messages say), so they are compared with leads of the same age.
    """
    level = FALSE_ALARM / (len(card.terms) + 1)
    found = [_shift(term, sides, level, aged=term.bins.spec.input in young) for term in card.terms]
    return [shift for shift in found if shift is not None]


def score_shift(reference: Floats, current: Floats, *, window: Ints, features: int) -> Shift | None:
    """The same for scores, in tenths of the reference's; None while either side is too small.

    `window`: in which of the windows each lead of the reference came in.
    """
    if min(len(reference), len(current)) < FEWEST_LEADS:
        return None
    edges = np.unique(np.quantile(reference, np.arange(1, SCORE_GROUPS) / SCORE_GROUPS))
    groups, new = (np.searchsorted(edges, scores, side="right") for scores in (reference, current))
    before, now = (np.bincount(group, minlength=len(edges) + 1) for group in (groups, new))
    names = [_between(edges, k) for k in range(len(edges) + 1)]
    shift = compared(SCORE, before, now, names, level=FALSE_ALARM / (features + 1))
    return replace(shift, usual=reach(before, groups, window))


def compared(
    feature: str, before: Ints, now: Ints, names: Sequence[str], *, level: float, seasonal: bool = False
) -> Shift:
    """Two rows of counts over the same bins."""
    draws = _sampled(before, now)
    shares = before / before.sum(), now / now.sum()
    return Shift(
        feature=feature,
        psi=psi(*shares),
        noise=float(draws.mean()),
        bound=_bound(draws, level),
        leads=int(now.sum()),
        reference=int(before.sum()),
        segments=_segments(names, *shares),
        seasonal=seasonal,
    )


def _shift(term: Term, sides: Sides, level: float, *, aged: bool) -> Shift | None:
    bins, spec = coarsened(term), term.bins.spec
    past = sides.reference if aged else sides.learned
    groups = code(bins, past).astype(np.int64)
    before = counted(term.bins, bins, np.array(term.support, dtype=np.int64))
    if aged:
        before = np.bincount(groups, minlength=bins.size)
    now = np.bincount(code(bins, sides.current), minlength=bins.size)
    if min(before.sum(), now.sum()) < FEWEST_LEADS:
        return None
    names = [segment(bins, k, integer=term.integer) for k in range(bins.size)]
    shift = compared(spec.name, before, now, names, level=level, seasonal=spec.transform == "month")
    return replace(shift, usual=reach(before, groups, windows(past, sides.days)))


def _sampled(before: Ints, now: Ints) -> Floats:
    """The index in many draws of both sides from one and the same population: both together."""
    rng = np.random.default_rng(SEED)
    together = (before + now) / (before.sum() + now.sum())
    drawn = [rng.multinomial(int(side.sum()), together, DRAWS) / side.sum() for side in (before, now)]
    return psis(drawn[0], drawn[1])


def _bound(draws: Floats, level: float) -> float:
    """What the draws exceed with a chance of `level`. Far out there are no draws: there the gamma
    distribution with their mean and variance stands for them (cube root of Wilson and Hilferty 1931).
    """
    mean, variance = float(draws.mean()), float(draws.var())
    drawn = float(np.quantile(draws, 1 - max(level, FARTHEST)))
    if variance == 0.0:
        return drawn
    shape = mean * mean / variance
    root = 1 - 1 / (9 * shape) + NormalDist().inv_cdf(1 - level) / (3 * math.sqrt(shape))
    return max(drawn, mean * max(root, 0.0) ** 3)


def _segments(names: Sequence[str], before: Floats, now: Floats) -> tuple[Segment, ...]:
    """Those that grew or shrank most, by their part of the index."""
    part = (now - before) * np.log(np.maximum(now, FLOOR) / np.maximum(before, FLOOR))
    order = np.argsort(-part, kind="stable")[:SEGMENTS]
    return tuple(
        Segment(names[k], float(before[k]), float(now[k]))
        for k in order
        if abs(now[k] - before[k]) >= SMALLEST_CHANGE
    )


def _between(edges: Floats, k: int) -> str:
    if len(edges) == 0:
        return "all"
    if k == 0:
        return f"below {edges[0]:.3f}"
    return f"{edges[k - 1]:.3f} or more" if k == len(edges) else f"{edges[k - 1]:.3f} to {edges[k]:.3f}"
