"""Leads as columns, and what was known when."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from modeling.dataset import Column, Dataset, settling_lag
from modeling.tests.worlds import START, world


def days(*values: float | None) -> np.ndarray:
    start = np.datetime64("2026-01-01", "us")
    return np.array(
        [
            np.datetime64("NaT", "us") if v is None else start + np.timedelta64(int(v * 86400), "s")
            for v in values
        ]
    )


def leads(created, matures, outcome, converted) -> Dataset:
    return Dataset.ordered(
        ids=np.array([str(k) for k in range(len(created))], dtype=object),
        created_at=days(*created),
        matures_at=days(*matures),
        outcome_at=days(*outcome),
        converted=np.array(converted, dtype=np.int8),
        columns={"n": Column(numbers=np.arange(len(created), dtype=np.float64))},
    )


def at(day: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)


def test_it_sorts_by_arrival_and_keeps_rows_together():
    found = leads([3, 1, 2], [9, 9, 9], [None, None, None], [1, 0, 0])

    assert found.ids.tolist() == ["1", "2", "0"]
    assert found.columns["n"].numbers.tolist() == [1.0, 2.0, 0.0]
    assert found.converted.tolist() == [0, 0, 1]


def test_it_refuses_unsorted_rows():
    found = leads([1, 2], [9, 9], [None, None], [0, 0])
    with pytest.raises(ValueError, match="sorted"):
        found.take(np.array([1, 0]))


def test_a_lead_counts_once_it_has_matured():
    known = leads([1, 2, 3], [10, 20, 30], [None, None, None], [0, 0, 0]).known_at(at(20))

    assert known.ids.tolist() == ["0", "1"]
    assert known.dropped["not_matured"] == 1


def test_an_early_booking_waits_for_its_maturity():
    assert len(leads([1], [30], [2], [1]).known_at(at(10))) == 0


def test_what_was_booked_later_was_not_known():
    history = leads([1, 1], [5, 5], [20, 3], [1, 1])

    assert history.known_at(at(10)).converted.tolist() == [0, 1]
    assert history.known_at(at(40)).converted.tolist() == [1, 1]
    assert np.isnat(history.known_at(at(10)).outcome_at[0])


def test_it_leaves_out_what_has_not_settled():
    # stays are recorded five days after they matured: who matured yesterday only looks unconverted
    n = 40
    history = leads(range(n), [k + 1 for k in range(n)], [k + 6 for k in range(n)], [1] * n)
    known = history.known_at(at(n))

    assert known.converted.all()
    assert known.dropped["settling"] == 5


def test_it_never_leaves_out_more_than_half_as_unsettled():
    n = 40
    history = leads(range(n), [k + 1 for k in range(n)], [k + 39 for k in range(n)], [1] * n)

    assert len(history.known_at(at(41))) >= n // 2


def test_no_booking_means_no_lag():
    assert settling_lag(days(), days()) == np.timedelta64(0, "us")


def test_columns_know_where_they_are_filled():
    column = Column(numbers=np.array([1.0, np.nan, np.nan]), codes=np.array([-1, 0, -1], dtype=np.int32))

    assert column.present(3).tolist() == [True, True, False]


def test_before_the_start_nothing_is_known():
    assert len(world(200).leads.known_at(START)) == 0
