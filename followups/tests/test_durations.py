"""Delays as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups import durations

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("30m", 30 * MINUTE),
        ("2h", 2 * HOUR),
        ("1d", DAY),
        ("2w", 14 * DAY),
        (" 1d 12H ", 36 * HOUR),
        ("0m", 0 * DAY),
    ],
)
def test_it_reads(text, means):
    assert durations.parse(text) == means


@pytest.mark.parametrize("text", ["", "30", "m", "1.5h", "-1d", "1y", "2h later", "1d,2d", "९m", "9999999m"])
def test_it_refuses(text):
    with pytest.raises(durations.DurationError, match="no duration such as 30m"):
        durations.parse(text)


def test_it_reads_a_step_each():
    assert durations.parse_many("30m, 2h,1d") == [30 * MINUTE, 2 * HOUR, DAY]


@given(st.integers(0, 10**6))
def test_it_reads_what_it_spelled(minutes):
    assert durations.parse(durations.spelled(minutes * MINUTE)) == minutes * MINUTE


@pytest.mark.parametrize(
    ("duration", "text"), [(36 * HOUR, "1d 12h"), (14 * DAY, "2w"), (8 * DAY, "8d"), (timedelta(), "0m")]
)
def test_it_spells_as_people_do(duration, text):
    assert durations.spelled(duration) == text
