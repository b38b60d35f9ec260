"""Features that move with time: the newest leads' values were hardly seen before.

Interest rates, a year, the name of this month's campaign: a model that leans on them meets the unknown daily.
"""

from collections.abc import Iterable

import numpy as np

from modeling.binning import Codes, code, fit_bins
from modeling.dataset import Dataset, Floats, sample_of
from modeling.features import FeatureSpec

NEWEST = 0.2  # share of the leads, by maturity
RARE = 0.1  # a bin is new when it held less than a tenth of the share it has now
MOVES = 0.3
SAMPLE = 50_000
NOTICEABLE_PSI = 0.25  # the customary bound for a shift worth a look
FLOOR = 1e-4


def moving(specs: Iterable[FeatureSpec], leads: Dataset) -> dict[str, str]:
    """The features that move with time, each with a sentence."""
    order = np.argsort(leads.matures_at, kind="stable")
    order = order[sample_of(len(order), SAMPLE)]
    sample = leads.take(np.sort(order))
    newest = np.zeros(len(leads), dtype=bool)
    newest[order[int(len(order) * (1 - NEWEST)) :]] = True
    newest = newest[np.sort(order)]
    shares = {spec.name: _novelty(spec, sample, newest) for spec in specs}
    return {
        name: f"it moves with time: {share:.0%} of the newest leads have values hardly seen before"
        for name, share in shares.items()
        if share >= MOVES
    }


def _novelty(spec: FeatureSpec, sample: Dataset, newest: np.ndarray) -> float:
    bins = fit_bins(spec, sample)
    codes = code(bins, sample)
    before = shares(codes[~newest], bins.size)
    now = shares(codes[newest], bins.size)
    return float(now[before < RARE * now].sum())


def shares(codes: Codes, size: int) -> Floats:
    """The share of the leads in each bin."""
    return np.bincount(codes, minlength=size) / max(1, len(codes))


def psi(before: Floats, now: Floats) -> float:
    """The population stability index of two sets of shares; above 0.25 the leads are of another kind."""
    return float(psis(before, now))


def psis(before: Floats, now: Floats) -> Floats:
    """The same for many sets at once, a row each."""
    expected, actual = np.maximum(before, FLOOR), np.maximum(now, FLOOR)
    return np.asarray(np.sum((actual - expected) * np.log(actual / expected), axis=-1))
