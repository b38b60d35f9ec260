"""What scores were worth, and what they promised."""

from datetime import date

import numpy as np
import pytest

from modeling.live import by_week, enough, expected_auc, figures, lift
from modeling.quality import auc


def calibrated(n=20_000, seed=4):
    rng = np.random.default_rng(seed)
    scores = rng.beta(1.2, 4, n)
    return scores, (rng.random(n) < scores).astype(np.int8)


def test_calibrated_scores_tell_their_auc_before_any_ending():
    scores, converted = calibrated()
    assert expected_auc(scores) == pytest.approx(auc(scores, converted), abs=0.01)


def test_the_estimate_without_endings_does_not_see_a_world_turned_upside_down():
    scores, converted = calibrated()
    found = figures(scores, 1 - converted)
    assert found.auc.point < 0.35
    assert found.expected_auc > 0.65


def test_scores_that_are_all_alike_promise_chance():
    assert expected_auc(np.full(50, 0.2)) == pytest.approx(0.5)


def test_all_figures_of_a_small_table():
    scores = np.array([0.9, 0.8, 0.3, 0.2, 0.1])
    found = figures(scores, np.array([1, 0, 1, 0, 0], dtype=np.int8))
    assert (found.leads, found.converted, found.rate) == (5, 2, 0.4)
    assert found.mean_score == pytest.approx(0.46)
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.49 + 0.04 + 0.01) / 5)
    assert found.lift == pytest.approx(1 / 0.4)
    assert found.auc is None


@pytest.mark.parametrize(
    ("won", "lost", "told"), [(10, 40, True), (9, 90, False), (90, 9, False), (20, 29, False), (40, 10, True)]
)
def test_an_interval_takes_enough_leads_of_both_kinds(won, lost, told):
    converted = np.array([1] * won + [0] * lost, dtype=np.int8)
    assert enough(converted) is told


def test_lift_shares_the_last_place_among_those_who_share_its_score():
    assert lift(np.full(10, 0.5), np.array([1] + [0] * 9, dtype=np.int8)) == pytest.approx(1.0)
    assert lift(np.arange(10.0), np.array([0] * 8 + [1, 1], dtype=np.int8)) == pytest.approx(5.0)
    assert lift(np.arange(10.0), np.zeros(10, dtype=np.int8)) is None


def test_weeks_run_from_monday_to_sunday_in_utc():
    times = np.array(
        ["2026-03-01T23:59:59", "2026-03-02T00:00:00", "2026-03-08T23:59:59", "1969-12-31T12:00:00"],
        dtype="datetime64[us]",
    )
    found = {monday: rows.tolist() for monday, rows in by_week(times)}
    assert found == {date(1969, 12, 29): [3], date(2026, 2, 23): [0], date(2026, 3, 2): [1, 2]}


def test_no_scores_have_no_weeks():
    assert list(by_week(np.empty(0, dtype="datetime64[us]"))) == []
