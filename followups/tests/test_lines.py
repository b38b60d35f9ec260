"""Hours as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.admin import lines
from followups.documents import DAYS

WEEK = ["mon", "tue", "wed", "thu", "fri"]


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", []),
        ("21:00-08:00", [{"start": "21:00", "end": "08:00"}]),
        ("daily 9:00 - 17:30", [{"start": "09:00", "end": "17:30"}]),
        ("Mon-Fri 09:00 to 17:00", [{"days": WEEK, "start": "09:00", "end": "17:00"}]),
        ("monday, wednesday 09:00-17:00", [{"days": ["mon", "wed"], "start": "09:00", "end": "17:00"}]),
        ("fri-mon 10:00-12:00", [{"days": ["mon", "fri", "sat", "sun"], "start": "10:00", "end": "12:00"}]),
        (
            "sat sun 00:00-00:00\n\n 20:00-09:00 ",
            [
                {"days": ["sat", "sun"], "start": "00:00", "end": "00:00"},
                {"start": "20:00", "end": "09:00"},
            ],
        ),
    ],
)
def test_a_line_is_read_as_it_is_meant(text, windows):
    assert lines.windows(text) == windows


@pytest.mark.parametrize("text", ["at night", "21-8", "mon-fun 09:00-17:00", "m 09:00-17:00", "09:00", "mon"])
def test_a_line_that_says_nothing_is_refused(text):
    with pytest.raises(lines.LineError):
        lines.windows(text)


clocks = st.times().map(lambda moment: f"{moment:%H:%M}")
windows = st.fixed_dictionaries(
    {
        "days": st.sets(st.sampled_from(DAYS), min_size=1).map(lambda days: sorted(days, key=DAYS.index)),
        "start": clocks,
        "end": clocks,
    }
)


@given(given=st.lists(windows, max_size=3))
def test_what_is_written_is_read_as_the_same(given):
    read = lines.windows(lines.spelled(given))
    assert [{"days": list(DAYS), **window} for window in read] == given


@pytest.mark.parametrize(("text", "days"), [("2026-12-25, 2027-01-01", 2), ("2026-12-25\n", 1), ("", 0)])
def test_days_stand_on_lines_or_between_commas(text, days):
    assert len(lines.dates(text)) == days
