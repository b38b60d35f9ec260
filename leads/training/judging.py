"""How good a model is: accuracy, macro-F1, macro recall, calibration, correlation."""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import f1_score, recall_score

from leads.training.vectors import Floats

BINS = 10


def accuracy(told: Sequence[str], true: Sequence[str]) -> float:
    """The share that is right."""
    return float(np.mean([one == other for one, other in zip(told, true, strict=True)]))


def macro_f1(told: Sequence[str], true: Sequence[str]) -> float:
    """The mean F1 of the labels that are there."""
    return float(f1_score(true, told, average="macro", labels=sorted(set(true)), zero_division=0))


def macro_recall(told: Sequence[str], true: Sequence[str]) -> float:
    """The mean recall of the labels that are there."""
    return float(recall_score(true, told, average="macro", labels=sorted(set(true)), zero_division=0))


def calibration_error(confidence: Sequence[float] | Floats, right: Sequence[bool]) -> float:
    """How far confidence stands from accuracy on average, over ten bins (Naeini et al. 2015)."""
    sure, hits = np.asarray(confidence), np.asarray(right, dtype=np.float64)
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    parts = [(hits[bins == k], sure[bins == k]) for k in range(BINS) if (bins == k).any()]
    return float(sum(abs(hit.mean() - mean.mean()) * len(hit) for hit, mean in parts) / len(sure))


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's r."""
    return float(np.corrcoef(one, other)[0, 1])
