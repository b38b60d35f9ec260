"""Intervals of an AUC: near the truth as often as they say."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeling.delong import auc_interval, difference
from modeling.quality import Bootstrap, Interval, auc, interval


def binormal(rng, n, rate, truth):
    """Scores whose AUC is `truth`, in the long run."""
    converted = np.zeros(n, dtype=np.int8)
    converted[: round(n * rate)] = 1
    distance = NormalDist().inv_cdf(truth) * 2**0.5
    return rng.normal(size=n) + distance * converted, converted


@pytest.mark.parametrize(("n", "rate", "truth"), [(100, 0.2, 0.7), (200, 0.1, 0.8), (60, 0.3, 0.95)])
def test_the_interval_holds_the_truth_nineteen_times_of_twenty(n, rate, truth):
    rng = np.random.default_rng(5)
    found = [auc_interval(*binormal(rng, n, rate, truth)) for _ in range(400)]
    covered = sum(each.low <= truth <= each.high for each in found)
    assert 0.92 * 400 <= covered <= 0.98 * 400


def test_it_agrees_with_resampling():
    scores, converted = binormal(np.random.default_rng(1), 600, 0.3, 0.75)
    ours = auc_interval(scores, converted)
    drawn = interval(ours.point, Bootstrap(converted, draws=1000, seed=3).aucs(scores))
    assert ours.point == pytest.approx(auc(scores, converted))
    assert ours.low == pytest.approx(drawn.low, abs=0.01)
    assert ours.high == pytest.approx(drawn.high, abs=0.01)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=8, max_size=60))
def test_whatever_the_ties_the_point_is_the_auc_and_lies_in_its_interval(rows):
    scores = np.array([score for score, _ in rows] + [0, 1, 2, 3], dtype=np.float64)
    converted = np.array([won for _, won in rows] + [0, 1, 0, 1], dtype=np.int8)
    found = auc_interval(scores, converted)
    assert found.point == pytest.approx(auc(scores, converted))
    assert 0.0 <= found.low <= found.point <= found.high <= 1.0


def test_few_leads_in_perfect_order_prove_little():
    few = auc_interval(np.arange(8.0), np.array([0] * 4 + [1] * 4, dtype=np.int8))
    many = auc_interval(np.arange(800.0), np.array([0] * 400 + [1] * 400, dtype=np.int8))
    assert (few.point, few.high) == (1.0, 1.0)
    assert few.low < 0.6
    assert many.low > 0.98
    upside_down = auc_interval(-np.arange(8.0), np.array([0] * 4 + [1] * 4, dtype=np.int8))
    assert (upside_down.point, upside_down.low, upside_down.high) == (0.0, 0.0, 1.0 - few.low)


def test_scores_that_say_nothing_are_surely_chance():
    found = auc_interval(np.full(40, 0.3), np.array([0, 1] * 20, dtype=np.int8))
    assert (found.low, found.point, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_a_difference_on_the_same_leads_is_told_apart_sooner_than_two_intervals():
    rng = np.random.default_rng(2)
    scores, converted = binormal(rng, 500, 0.3, 0.8)
    blurred = scores + rng.normal(size=500) * 0.6
    first, second = auc_interval(scores, converted), auc_interval(blurred, converted)
    gain = difference(scores, blurred, converted)
    assert gain.point == pytest.approx(first.point - second.point)
    assert gain.low > 0
    assert first.low < second.high
    assert difference(scores, scores, converted) == Interval(0.0, 0.0, 0.0)
