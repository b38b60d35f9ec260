"""How good scores are: AUC with its bootstrap interval, Brier, log-loss, calibration error."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from modeling.dataset import Floats, Labels

SMALLEST = 1e-9
ECE_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its confidence interval."""

    point: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of one set of scores. `mean_score` is to be near `rate`."""

    leads: int
    converted: int
    rate: float
    mean_score: float
    auc: float
    brier: float
    log_loss: float
    ece: float


def auc_of_counts(score: Floats, won: Floats, lost: Floats) -> float:
    """AUC from how many converted and how many did not at each score; ties count half."""
    order = np.argsort(score, kind="stable")
    _, start = np.unique(score[order], return_index=True)
    won, lost = np.add.reduceat(won[order], start), np.add.reduceat(lost[order], start)
    total = won.sum() * lost.sum()
    return float(np.sum(won * (np.cumsum(lost) - lost / 2)) / total) if total > 0 else 0.5


def auc(scores: Floats, converted: Labels) -> float:
    """The chance that a converted lead scores above one that did not; 0.5 when only one kind is there."""
    if len(scores) == 0:
        return 0.5
    won = converted.astype(np.float64)
    return auc_of_counts(scores, won, 1.0 - won)


def brier(scores: Floats, converted: Labels) -> float:
    """The mean squared error of the probabilities."""
    return float(np.mean((scores - converted) ** 2))


def log_loss(scores: Floats, converted: Labels) -> float:
    """The mean surprise, in nats."""
    p = np.clip(scores, SMALLEST, 1 - SMALLEST)
    return float(-np.mean(np.where(converted == 1, np.log(p), np.log1p(-p))))


def ece(scores: Floats, converted: Labels) -> float:
    """Expected calibration error over ten groups of equal size."""
    order = np.argsort(scores, kind="stable")
    groups = np.array_split(order, min(ECE_GROUPS, len(order)))
    gaps = [len(g) * abs(float(scores[g].mean()) - float(converted[g].mean())) for g in groups]
    return float(sum(gaps) / len(scores))


def quality(scores: Floats, converted: Labels) -> Quality:
    """All figures of one set of scores."""
    return Quality(
        leads=len(scores),
        converted=int(converted.sum()),
        rate=float(converted.mean()),
        mean_score=float(scores.mean()),
        auc=auc(scores, converted),
        brier=brier(scores, converted),
        log_loss=log_loss(scores, converted),
        ece=ece(scores, converted),
    )


class Bootstrap:
    """Paired resampling: every model is judged on the same draws of the same leads (Efron 1979)."""

    def __init__(self, converted: Labels, *, draws: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        n = len(converted)
        self.won = converted.astype(np.float64)
        # how often each lead is drawn; int16 keeps 400 draws of 20,000 leads at 16 MB
        self.counts = np.stack(
            [np.bincount(rng.integers(0, n, n), minlength=n).astype(np.int16) for _ in range(draws)]
        )

    def aucs(self, scores: Floats) -> Floats:
        """The AUC in each draw."""
        order = np.argsort(scores, kind="stable")
        _, start = np.unique(scores[order], return_index=True)
        won_in_order = self.won[order]
        return np.array([self._auc(draw[order], won_in_order, start) for draw in self.counts])

    @staticmethod
    def _auc(drawn: Any, won_in_order: Floats, start: Any) -> float:
        won = np.add.reduceat(drawn * won_in_order, start)
        lost = np.add.reduceat(drawn * (1.0 - won_in_order), start)
        total = won.sum() * lost.sum()
        return float(np.sum(won * (np.cumsum(lost) - lost / 2)) / total) if total > 0 else 0.5

    def means(self, per_lead: Floats) -> Floats:
        """The mean of a figure of each lead (a squared error, say) in each draw."""
        return np.asarray(self.counts @ per_lead / self.counts.sum(axis=1))


def interval(point: float, draws: Floats, confidence: float = 0.95) -> Interval:
    """The percentile interval of bootstrap draws."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Interval(point, float(low), float(high))
