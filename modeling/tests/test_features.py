"""Snapshots, dates and bins."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeling import features
from modeling.features import Bins, FeatureSpec, Moment

CREATED = features.microseconds(datetime(2026, 3, 4, 13, 30, tzinfo=UTC))  # a Wednesday


def test_it_keeps_attributes_and_source():
    seen = features.snapshot(attributes={"plan": "pro", "seats": 3}, source="fair")

    assert seen == {"plan": "pro", "seats": 3, "lead.source": "fair"}


@pytest.mark.parametrize(
    ("text", "whole_day"),
    [("2026-03-04", True), ("2026-03-04T13:30:00Z", False), ("2026-03-04 13:30:00+02:00", False)],
)
def test_it_reads_iso_dates(text, whole_day):
    assert features.parse_date(text).whole_day is whole_day


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.from_regex(r"\d{4}-\d\d-\d\d.{0,9}")))
def test_it_never_stumbles_over_what_is_no_date(value):
    assert features.parse_date(value) is None or isinstance(features.parse_date(value), Moment)


def test_it_counts_whole_days_to_a_day_and_parts_to_a_time():
    assert features.derive("days_ahead", "2026-03-11", CREATED) == 7.0
    assert features.derive("days_ahead", "2026-03-05T01:30:00+00:00", CREATED) == 0.5
    assert features.derive("days_ahead", "2026-03-01", CREATED) == -3.0


def test_it_knows_the_calendar():
    assert features.of_created("weekday", CREATED) == 3.0
    assert features.of_created("month", CREATED) == 3.0
    assert features.of_created("hour", CREATED) == 13.0


@given(st.datetimes(timezones=st.just(UTC)))
def test_it_agrees_with_the_standard_library(moment):
    at = features.microseconds(moment)
    assert features.weekday(at) == moment.isoweekday()
    assert features.month(at) == moment.month
    assert features.hour(at) == moment.hour


def test_it_takes_zones_into_account():
    paris = timezone(timedelta(hours=1))
    assert features.microseconds(datetime(2026, 3, 4, 14, 30, tzinfo=paris)) == CREATED


def test_bins_hold_missing_then_numbers_then_names():
    bins = Bins(FeatureSpec("x", "x"), edges=(1.0, 2.0), categories=("a", None, "b"))

    assert bins.size == 7
    assert bins.named() == {"a": 4, "b": 6}
    assert bins.other == 5


def test_names_never_seen_share_the_missing_bin_where_none_were_rare():
    assert Bins(FeatureSpec("x", "x"), categories=("a", "b")).other == 0
