"""Platt's calibration: slope · log-odds + intercept, fitted on scores of leads the model had not seen."""

from dataclasses import dataclass

import numpy as np

from modeling.dataset import Floats, Labels

STEPS = 25
SLOPE_PULL = 10.0  # pulls the slope to 1 like ten leads would: few leads must not bend the scores
LOWEST_SLOPE = 0.1


@dataclass(frozen=True, slots=True)
class Calibration:
    """A straight line on the log-odds."""

    slope: float = 1.0
    intercept: float = 0.0


def sigmoid(logits: Floats) -> Floats:
    """The logistic function without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def platt(logits: Floats, converted: Labels, weights: Floats | None = None) -> Calibration:
    """The line that makes the scores most likely (Platt 1999), by Newton's method."""
    if len(logits) == 0 or converted.min() == converted.max():
        return Calibration()
    weight = np.ones(len(logits)) if weights is None else weights
    design = np.column_stack([logits, np.ones(len(logits))])
    pull = np.array([SLOPE_PULL, 1e-6])
    line = np.array([1.0, 0.0])
    for _ in range(STEPS):
        p = sigmoid(design @ line)
        gradient = design.T @ (weight * (p - converted)) + pull * (line - [1.0, 0.0])
        curve = design.T @ (design * (weight * p * (1 - p))[:, None]) + np.diag(pull)
        step = np.linalg.solve(curve, gradient)
        line -= np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-10:
            break
    return _sane(line, logits, converted, weight)


def _sane(line: Floats, logits: Floats, converted: Labels, weight: Floats) -> Calibration:
    slope = float(line[0])
    if slope >= LOWEST_SLOPE:
        return Calibration(slope, float(line[1]))
    # a model that ranks backwards is not turned round here: it is made nearly flat, at the right level
    return Calibration(LOWEST_SLOPE, level(LOWEST_SLOPE * logits, converted, weight))


def level(logits: Floats, converted: Labels, weights: Floats | None = None) -> float:
    """The intercept that makes the mean score equal the rate at which the leads converted."""
    weight = np.ones(len(logits)) if weights is None else weights
    low, high = -30.0, 30.0
    target = float(np.sum(weight * converted))
    for _ in range(60):
        middle = (low + high) / 2
        if float(np.sum(weight * sigmoid(logits + middle))) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
