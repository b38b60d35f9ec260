"""Reading an additive scorecard off a fitted booster, through its public decision function alone.

A booster that may only use single features and chosen pairs is a sum of tables. Setting all features to bin 0
and moving one, then two at a time gives them: f_ij = F(i,j) - F(i,0) - F(0,j) + F(0,0), anchored at bin 0.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modeling.binning import Codes
from modeling.dataset import Floats, Ints

Decision = Callable[[NDArray[Any]], Floats]

PASSES = 8
EXACT = 1e-9
CELLS_AT_ONCE = 2_000_000


class DecompositionError(AssertionError):
    """The tables do not add up to the booster: it used an interaction it was not allowed."""


@dataclass
class Tables:
    """base + Σ singles[f][code] + Σ pairs[f, g][code, code]."""

    base: float
    singles: list[Floats]
    pairs: dict[tuple[int, int], Floats]

    def logits(self, codes: Codes) -> Floats:
        """The log-odds of coded leads."""
        total = np.full(len(codes), self.base)
        for k, table in enumerate(self.singles):
            total += table[codes[:, k]]
        for (i, j), grid in self.pairs.items():
            # one flat index is three times as fast as two
            total += grid.ravel()[codes[:, i].astype(np.intp) * grid.shape[1] + codes[:, j]]
        return total

    def blended(self, other: "Tables", share: float) -> "Tables":
        """An average of two models of the same bins; `share`: how much of the other."""
        mine = self.scaled(1 - share, 0.0)
        theirs = other.scaled(share, 0.0)
        singles = [a + b for a, b in zip(mine.singles, theirs.singles, strict=True)]
        keys = [*mine.pairs, *(key for key in theirs.pairs if key not in mine.pairs)]
        pairs = {key: np.add(mine.pairs.get(key, 0.0), theirs.pairs.get(key, 0.0)) for key in keys}
        return Tables(mine.base + theirs.base, singles, pairs)

    def scaled(self, slope: float, intercept: float) -> "Tables":
        """The tables of slope · logit + intercept: Platt's calibration keeps a scorecard a scorecard."""
        return Tables(
            base=self.base * slope + intercept,
            singles=[table * slope for table in self.singles],
            pairs={key: grid * slope for key, grid in self.pairs.items()},
        )


def read_tables(decide: Decision, sizes: Sequence[int], pairs: Sequence[tuple[int, int]]) -> Tables:
    """The tables of a booster with the given number of bins a feature and the pairs it was allowed."""
    zero = np.zeros((1, len(sizes)), dtype=np.uint8)
    base = float(decide(zero)[0])
    moved = [_grid(sizes, (k,)) for k in range(len(sizes))] + [_grid(sizes, pair) for pair in pairs]
    said = [each - base for each in _decide_each(decide, moved)]
    singles, joint = said[: len(sizes)], said[len(sizes) :]
    grids = {
        (i, j): each.reshape(sizes[i], sizes[j]) - singles[i][:, None] - singles[j][None, :]
        for (i, j), each in zip(pairs, joint, strict=True)
    }
    return Tables(base, singles, grids)


def _grid(sizes: Sequence[int], features: Sequence[int]) -> Codes:
    """All combinations of the features' bins, the last one running fastest; the other features at bin 0."""
    shape = [sizes[k] for k in features]
    grid = np.zeros((math.prod(shape), len(sizes)), dtype=np.uint8)
    grid[:, list(features)] = np.indices(shape).reshape(len(shape), -1).T
    return grid


def _decide_each(decide: Decision, grids: Sequence[Codes]) -> Iterator[Floats]:
    """What the booster says of each grid. Asking costs more than answering, so many are asked at once."""
    waiting: list[Codes] = []
    for k, grid in enumerate(grids, start=1):
        waiting.append(grid)
        if k == len(grids) or sum(each.size for each in waiting) > CELLS_AT_ONCE:
            ends = np.cumsum([len(each) for each in waiting])[:-1]
            yield from np.split(decide(np.concatenate(waiting)), ends)
            waiting = []


def verify(tables: Tables, decide: Decision, codes: Codes) -> None:
    """Raise DecompositionError unless the tables give the booster's own log-odds."""
    worst = float(np.max(np.abs(tables.logits(codes) - decide(codes)), initial=0.0))
    if worst > EXACT:
        raise DecompositionError(f"tables and booster differ by {worst:.2e}")


def centred(tables: Tables, codes: Codes, counts: Sequence[Ints]) -> Tables:
    """The same sums, told better: what a pair says on average moves into the singles, theirs into the base.

    Bins no training lead fell into say nothing (the booster would lend them a neighbour's effect).
    """
    singles = [table.copy() for table in tables.singles]
    pairs = {}
    for (i, j), grid in tables.pairs.items():
        joint = _joint_counts(codes, i, j, grid.shape)
        pairs[i, j] = _purified(grid, joint, singles[i], singles[j])
    base = tables.base
    for table, count in zip(singles, counts, strict=True):
        mean = float(np.average(table, weights=count))
        base += mean
        table[:] = np.where(count > 0, table - mean, 0.0)
    return Tables(base, singles, pairs)


def _joint_counts(codes: Codes, i: int, j: int, shape: tuple[int, ...]) -> Floats:
    flat = codes[:, i].astype(np.intp) * shape[1] + codes[:, j]
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def _purified(grid: Floats, joint: Floats, first: Floats, second: Floats) -> Floats:
    """Lengerich et al. 2020, "Purifying Interaction Effects": no row or column of the rest has a mean."""
    rest = grid.copy()
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    rest[rows == 0, :] = 0.0
    rest[:, columns == 0] = 0.0
    for _ in range(PASSES):
        mean = np.sum(rest * joint, axis=1) / np.maximum(rows, 1.0)
        rest -= np.where(rows > 0, mean, 0.0)[:, None]
        first += mean
        mean = np.sum(rest * joint, axis=0) / np.maximum(columns, 1.0)
        rest -= np.where(columns > 0, mean, 0.0)[None, :]
        second += mean
    # a bin nobody was in keeps silent whatever the other feature says
    rest[rows == 0, :] = 0.0
    rest[:, columns == 0] = 0.0
    return rest
