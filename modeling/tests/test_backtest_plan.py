"""When a replay learns, and which leads it can judge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from modeling.backtest.plan import CannotReplay, boundary_after, fitting_every, judgeable, periods, plan
from modeling.tests.histories import dataset, rows, written

LIMITS = {"min_leads": 200, "min_converted": 30}


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "moment", "boundary"),
    [
        ("day", "2025-01-31 12:00", "2025-02-01"),
        ("day", "2025-01-31", "2025-02-01"),
        ("week", "2025-01-01", "2025-01-06"),
        ("week", "2025-01-06", "2025-01-13"),
        ("month", "2025-01-31 23:59", "2025-02-01"),
        ("month", "2025-02-01", "2025-03-01"),
        ("month", "2025-12-24", "2026-01-01"),
    ],
)
def test_it_learns_where_days_weeks_and_months_begin(every, moment, boundary):
    assert boundary_after(day(moment), every) == day(boundary)


def test_it_cuts_a_span_without_gaps():
    found = periods(day("2025-01-15"), day("2025-03-10"), "month")

    assert [(f"{p.starts:%m-%d}", f"{p.ends:%m-%d}") for p in found] == [
        ("01-15", "02-01"),
        ("02-01", "03-01"),
        ("03-01", "03-10"),
    ]


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    return dataset(written(tmp_path_factory.mktemp("plan") / "history.csv"))


def test_it_starts_by_itself_once_enough_leads_had_matured(history):
    first = plan(history, "week", starts=None, ends=None, **LIMITS)[0].starts

    assert len(history.known_at(first)) >= 200
    assert len(history.known_at(first - timedelta(days=7))) < 200


def test_it_judges_only_leads_that_matured_before_the_file_ends(history):
    known = judgeable(history)

    assert 0 < (~known).sum() < 200
    assert not known[-1]
    assert plan(history, "month", starts=None, ends=None, **LIMITS)[-1].ends < day("2025-08-29")


def test_it_suggests_how_often_to_learn(history):
    assert fitting_every(history) == "month"
    assert fitting_every(history.take(np.arange(1200))) == "week"
    assert fitting_every(history.take(np.arange(450))) == "day"


def test_it_says_when_there_is_too_little(tmp_path):
    small = dataset(written(tmp_path / "small.csv", list(rows())[:50]))

    with pytest.raises(CannotReplay, match=r"50 leads, .* are too few"):
        plan(small, "week", starts=None, ends=None, **LIMITS)


def test_it_says_when_no_lead_came_in_between(history):
    with pytest.raises(CannotReplay, match="the last lead that can be judged came in"):
        plan(history, "month", starts=day("2026-01-01"), ends=None, **LIMITS)
    with pytest.raises(CannotReplay, match="no lead that can be judged came in from"):
        plan(history, "month", starts=day("2024-01-01"), ends=day("2024-02-01"), **LIMITS)


def test_a_mistyped_year_makes_no_empty_periods(history):
    far = history.created_at.copy()
    far[-40:] += np.timedelta64(365 * 100, "D")
    typed = replace(history, created_at=far, matures_at=np.minimum(history.matures_at, far + 1))
    found = plan(typed, "month", starts=None, ends=None, **LIMITS)

    assert len(found) < 20
    assert found[-1].ends.year > 2100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcome_at": "NaT"}, "no lead of the file has an ending: name the column"),
        ({"converted": 1}, "leads of the file converted: leads that did not must be in it too"),
        ({"created_at": "2024-01-01"}, "leads came in at one moment"),
        ({"converted": 0}, "none of the .* leads of the file converted"),
    ],
)
def test_it_says_when_there_is_nothing_to_tell_apart(history, changes, said):
    changed = {name: np.full_like(getattr(history, name), value) for name, value in changes.items()}

    with pytest.raises(CannotReplay, match=said):
        plan(replace(history, **changed), "month", starts=None, ends=None, **LIMITS)
