"""Platt's line."""

import numpy as np
import pytest

from modeling.calibration import LOWEST_SLOPE, Calibration, level, platt, sigmoid


def draws(n=20_000, *, slope=1.0, intercept=0.0, seed=0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, n)
    converted = (rng.random(n) < sigmoid(slope * logits + intercept)).astype(np.int8)
    return logits, converted


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.6, -1.0), (1.4, 0.5)])
def test_it_finds_the_line(slope, intercept):
    found = platt(*draws(slope=slope, intercept=intercept))

    assert found.slope == pytest.approx(slope, abs=0.06)
    assert found.intercept == pytest.approx(intercept, abs=0.06)


def test_few_leads_hardly_bend_the_scores():
    assert platt(*draws(20, slope=3.0)).slope == pytest.approx(1.0, abs=0.5)


def test_one_kind_of_outcome_calibrates_nothing():
    logits, _ = draws(50)
    assert platt(logits, np.zeros(50, dtype=np.int8)) == Calibration()
    assert platt(np.zeros(0), np.zeros(0, dtype=np.int8)) == Calibration()


def test_a_model_that_ranks_backwards_is_made_flat_not_turned_round():
    logits, converted = draws(slope=-1.0, intercept=-1.0)
    found = platt(logits, converted)

    assert found.slope == LOWEST_SLOPE
    assert sigmoid(found.slope * logits + found.intercept).mean() == pytest.approx(converted.mean(), abs=1e-3)


def test_weights_count():
    logits = np.zeros(200)
    converted = np.repeat([0, 1], 100).astype(np.int8)
    weights = np.repeat([1.0, 3.0], 100)

    assert sigmoid(platt(logits, converted, weights).intercept) == pytest.approx(0.75, abs=1e-3)


def test_the_level_makes_the_mean_the_rate():
    logits, converted = draws(intercept=-2.0)
    assert sigmoid(logits + level(logits, converted)).mean() == pytest.approx(converted.mean(), abs=1e-6)


def test_the_sigmoid_survives_anything():
    assert sigmoid(np.array([-1e9, 0.0, 1e9])).tolist() == [0.0, 0.5, 1.0]
