"""A feature's bins made fewer, for counting: a handful of wide bins tells a shift sooner than a hundred.

Training processes only (numpy).
"""

import numpy as np

from modeling.dataset import Ints
from modeling.features import Bins
from modeling.scorecard import Term
from modeling.wording import Wording, description

WIDE = 0.1  # of the leads, in a bin of numbers
COMMON = 0.02  # of the leads, in a category with a bin of its own
MISSING, OTHERS = "missing", "others, rare or new"


def coarsened(term: Term) -> Bins:
    """Neighbouring ranges are joined until each holds a tenth of the leads; rare names join the others."""
    bins, support = term.bins, np.array(term.support, dtype=np.float64)
    total = max(1.0, float(support.sum()))
    return Bins(
        spec=bins.spec,
        edges=None if bins.edges is None else _edges(bins.edges, support, total),
        categories=_categories(bins, support, total),
    )


def counted(fine: Bins, coarse: Bins, counts: Ints) -> Ints:
    """Counts over the fine bins, added up over the coarse ones."""
    place = np.array([_place(fine, coarse, k) for k in range(fine.size)])
    return np.bincount(place, weights=counts, minlength=coarse.size).astype(np.int64)


def segment(bins: Bins, code: int, *, integer: bool) -> str:
    """A bin in words."""
    if code == 0:
        return MISSING if None in bins.categories or not bins.categories else f"{MISSING} or never seen"
    if code == bins.other:
        return OTHERS
    return description(Wording(bins, integer), code, None)


def _edges(edges: tuple[float, ...], support: np.ndarray, total: float) -> tuple[float, ...]:
    chosen, held = [], 0.0
    for k, edge in enumerate(edges):
        held += support[1 + k]
        if held >= WIDE * total:
            chosen.append(edge)
            held = 0.0
    return tuple(chosen)


def _categories(bins: Bins, support: np.ndarray, total: float) -> tuple[str | float | None, ...]:
    first = bins.first_category
    common = [
        name
        for k, name in enumerate(bins.categories)
        if name is not None and support[first + k] >= COMMON * total
    ]
    return (*common, None) if len(common) < len(bins.categories) else tuple(common)


def _place(fine: Bins, coarse: Bins, code: int) -> int:
    """The coarse bin that a fine one is in."""
    if code >= fine.first_category:
        name = fine.categories[code - fine.first_category]
        return coarse.other if name is None else coarse.named().get(name, coarse.other)
    if code == 0 or fine.edges is None or coarse.edges is None:
        return 0
    lowest = fine.edges[code - 2] if code >= 2 else -np.inf
    return 1 + int(np.searchsorted(coarse.edges, lowest, side="right"))
