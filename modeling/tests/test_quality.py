"""Figures, against scikit-learn and DeLong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from modeling.quality import Bootstrap, auc, brier, ece, interval, log_loss, quality


def scored(n=2000, *, seed=0, strength=1.0, decimals=2):
    """Scores with many ties, as bins give them."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n)
    converted = (rng.random(n) < truth).astype(np.int8)
    return np.clip(
        np.round(strength * truth + (1 - strength) * rng.random(n), decimals), 0.01, 0.99
    ), converted


def delong_variance(scores, converted):
    """DeLong, DeLong and Clarke-Pearson 1988, by counting pairs."""
    won, lost = scores[converted == 1], scores[converted == 0]
    wins = (won[:, None] > lost[None, :]) + 0.5 * (won[:, None] == lost[None, :])
    return wins.mean(axis=1).var(ddof=1) / len(won) + wins.mean(axis=0).var(ddof=1) / len(lost)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60))
def test_auc_is_scikit_learn_s(pairs):
    scores = np.array([score for score, _ in pairs], dtype=np.float64)
    converted = np.array([won for _, won in pairs], dtype=np.int8)
    expected = 0.5 if converted.min() == converted.max() else roc_auc_score(converted, scores)

    assert auc(scores, converted) == pytest.approx(expected)


def test_brier_and_log_loss_are_scikit_learn_s():
    scores, converted = scored()
    assert brier(scores, converted) == pytest.approx(brier_score_loss(converted, scores))
    assert log_loss(scores, converted) == pytest.approx(sklearn_log_loss(converted, scores))


def test_certainty_that_was_wrong_costs_much_but_not_everything():
    assert 10 < log_loss(np.array([1.0, 0.0]), np.array([0, 0], dtype=np.int8)) < 30


def test_calibration_error_sees_what_auc_does_not():
    scores, converted = scored(20_000)
    assert ece(scores, converted) < 0.02
    assert ece(scores**3, converted) > 0.1
    assert auc(scores**3, converted) == pytest.approx(auc(scores, converted))


def test_the_bootstrap_agrees_with_delong():
    scores, converted = scored(800)
    spread = Bootstrap(converted, draws=600, seed=1).aucs(scores).std()

    assert spread == pytest.approx(np.sqrt(delong_variance(scores, converted)), rel=0.12)


def test_the_same_draws_for_both_make_differences_narrow():
    scores, converted = scored(1500)
    nearly = scores + np.random.default_rng(2).normal(0, 0.01, len(scores))
    draws = Bootstrap(converted, draws=300, seed=1)

    assert (draws.aucs(scores) - draws.aucs(nearly)).std() < draws.aucs(scores).std() / 5


def test_an_interval_holds_its_point():
    scores, converted = scored(500)
    found = interval(auc(scores, converted), Bootstrap(converted, draws=300, seed=1).aucs(scores))

    assert found.low < found.point < found.high


def test_quality_tells_all_of_it():
    scores, converted = scored(300)
    found = quality(scores, converted)

    assert (found.leads, found.converted) == (300, int(converted.sum()))
    assert found.mean_score == pytest.approx(scores.mean())
