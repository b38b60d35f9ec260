"""Intervals of an AUC, and of the difference of two AUCs on the same leads, without resampling.

DeLong, DeLong and Clarke-Pearson 1988, with the midranks of Sun and Xu 2014: one sort instead of all pairs.
Training processes only (numpy).
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np

from modeling.dataset import Floats, Labels
from modeling.quality import Interval

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Placements:
    """For each lead that converted the share of the others it scores above, and the other way round."""

    won: Floats
    lost: Floats

    @property
    def auc(self) -> float:
        """Their mean."""
        return float(self.won.mean())

    @property
    def variance(self) -> float:
        """Of the AUC."""
        return _mean_variance(self.won) + _mean_variance(self.lost)


def placements(scores: Floats, converted: Labels) -> Placements:
    """Leads of both kinds are needed, two of each for a variance."""
    won, lost = scores[converted == 1], scores[converted == 0]
    among_all = _midranks(np.concatenate([won, lost]))
    return Placements(
        won=(among_all[: len(won)] - _midranks(won)) / len(lost),
        lost=1.0 - (among_all[len(won) :] - _midranks(lost)) / len(won),
    )


def auc_interval(scores: Floats, converted: Labels, confidence: float = CONFIDENCE) -> Interval:
    """The AUC with its interval, made on the scale of its log-odds: so it stays between 0 and 1."""
    found, z = placements(scores, converted), _z(confidence)
    auc, variance = found.auc, found.variance
    if auc in (0.0, 1.0):
        return _at_the_end(auc, min(len(found.won), len(found.lost)), z)
    logit, reach = log(auc / (1 - auc)), z * sqrt(variance) / (auc * (1 - auc))
    return Interval(auc, _inverse(logit - reach), _inverse(logit + reach))


def difference(first: Floats, second: Floats, converted: Labels, confidence: float = CONFIDENCE) -> Interval:
    """AUC of `first` less that of `second`. The same leads are hard for both, which the variance knows."""
    a, b = placements(first, converted), placements(second, converted)
    reach = _z(confidence) * sqrt(_mean_variance(a.won - b.won) + _mean_variance(a.lost - b.lost))
    return Interval(a.auc - b.auc, a.auc - b.auc - reach, a.auc - b.auc + reach)


def _midranks(values: Floats) -> Floats:
    """1 for the smallest; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place], dtype=np.float64)


def _mean_variance(values: Floats) -> float:
    return float(np.var(values, ddof=1)) / len(values) if len(values) > 1 else 0.25


def _at_the_end(auc: float, leads: int, z: float) -> Interval:
    """No pair in the wrong order says little where leads are few: Wilson's bound for the rarer kind."""
    reach = z * z / (leads + z * z)
    return Interval(1.0, 1.0 - reach, 1.0) if auc == 1.0 else Interval(0.0, 0.0, reach)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _inverse(logit: float) -> float:
    return 1.0 / (1.0 + exp(-logit)) if logit > -700 else 0.0
