"""A scorecard by penalised logistic regression: a line through each number's bins, and a step for each bin.

Where leads are few it invents less than trees do; the average of both often errs less than either.
"""

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.isotonic import isotonic_regression
from sklearn.linear_model import LogisticRegression

from modeling.binning import Codes
from modeling.boosting import thinned
from modeling.dataset import Floats, Ints, Labels
from modeling.features import Bins
from modeling.tables import Tables

MOST_FITTED = 100_000
STEP = 0.5  # log-odds: how far a bin is believed to stand from its line, before any lead is seen (C = 1)
ROUNDS = 200
TOLERANCE = 1e-3


def linear_tables(
    codes: Codes,
    converted: Labels,
    weights: Floats | None,
    *,
    bins: tuple[Bins, ...],
    support: list[Ints],
    constraints: list[int],
) -> Tables:
    """The coefficients as tables over bins, without pairs; directions asked for are kept."""
    designs = [_design(feature, count) for feature, count in zip(bins, support, strict=True)]
    rows, row_weights = thinned(converted, weights, MOST_FITTED)
    rate = float(converted.mean())
    # where few leads convert the slope of the loss is small from the start
    model = LogisticRegression(C=1.0, solver="lbfgs", max_iter=ROUNDS, tol=TOLERANCE * rate * (1 - rate))
    model.fit(_matrix(codes[rows], designs), converted[rows], sample_weight=row_weights)
    ends = np.cumsum([design.shape[1] for design in designs])[:-1]
    parts = np.split(model.coef_[0], ends)
    singles = [design @ part for design, part in zip(designs, parts, strict=True)]
    kept = [_directed(*each) for each in zip(singles, support, constraints, strict=True)]
    return Tables(float(model.intercept_[0]), kept, {})


def _design(bins: Bins, support: Ints) -> Floats:
    """A row for each bin: its own step, and its place on the line where bins are in the order of numbers."""
    steps = np.eye(bins.size) * STEP
    if bins.edges is None:
        return steps
    line = np.zeros(bins.size)
    numbers = slice(1, bins.first_category)
    count = support[numbers].astype(np.float64)
    if count.sum() == 0:
        return steps
    place = (np.cumsum(count) - count / 2) / count.sum() - 0.5
    line[numbers] = place * np.sqrt(12.0)  # ranks are spread evenly: so scaled, they have a deviation of one
    return np.column_stack([steps, line])


def _matrix(codes: Codes, designs: list[Floats]) -> csr_matrix:
    """The designs' rows for each lead, side by side."""
    columns, values, first = [], [], 0
    for k, design in enumerate(designs):
        size, code = len(design), codes[:, k]
        columns.append(first + code.astype(np.int32))
        values.append(np.full(len(code), STEP))
        if design.shape[1] > size:
            columns.append(np.full(len(code), first + size, dtype=np.int32))
            values.append(design[code, size])
        first += design.shape[1]
    starts = np.arange(len(codes) + 1) * len(columns)
    flat = np.column_stack(values).ravel(), np.column_stack(columns).ravel(), starts
    return csr_matrix(flat, shape=(len(codes), first))


def _directed(table: Floats, support: Ints, constraint: int) -> Floats:
    if constraint == 0:
        return table
    # bin 0, the missing, stands outside of the order
    table[1:] = isotonic_regression(
        table[1:], sample_weight=np.maximum(support[1:], 1), increasing=constraint > 0
    )
    return table
