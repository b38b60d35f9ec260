"""Quiet hours and windows on clocks that leap, stop twice at two, and have a 29th of February."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followups.calendar import day_after, is_allowed, local_day, next_allowed
from followups.policy import EVERY_DAY, Hours, Window

BERLIN, NEW_YORK, APIA = "Europe/Berlin", "America/New_York", "Pacific/Apia"
NIGHT = Hours()  # quiet from nine in the evening to eight
OFFICE = Hours(quiet=(), windows=(Window(frozenset(range(5)), time(9), time(17)),))
ALWAYS = Hours(quiet=())


def at(text: str, zone: str = BERLIN, fold: int = 0) -> datetime:
    """A moment by the clock on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "goes_out"),
    [
        (NIGHT, "2026-11-23T20:59", "2026-11-23T20:59"),
        (NIGHT, "2026-11-23T21:00", "2026-11-24T08:00"),
        (NIGHT, "2026-11-24T03:00", "2026-11-24T08:00"),
        (NIGHT, "2028-02-28T22:00", "2028-02-29T08:00"),
        (NIGHT, "2028-02-29T22:00", "2028-03-01T08:00"),
        (OFFICE, "2026-11-20T17:00", "2026-11-23T09:00"),  # Friday evening to Monday
        (OFFICE, "2026-11-23T16:59", "2026-11-23T16:59"),
        (
            Hours(quiet=(), quiet_dates=frozenset({date(2026, 12, 25)})),
            "2026-12-25T10:00",
            "2026-12-26T00:00",
        ),
        (Hours(quiet=(Window(frozenset({5, 6}), time(), time()),)), "2026-11-21T10:00", "2026-11-23T00:00"),
    ],
)
def test_it_waits_until_it_may(hours, moment, goes_out):
    assert next_allowed(at(moment), hours=hours, zone_name=BERLIN) == at(goes_out)


def test_it_knows_the_hour_that_is_not_there():
    # On 29 March 2026 the clock goes from 02:00 to 03:00.
    hours = Hours(quiet=(Window(EVERY_DAY, time(22), time(2, 30)),))
    found = next_allowed(at("2026-03-28T23:00"), hours=hours, zone_name=BERLIN)
    assert found == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert found.astimezone(ZoneInfo(BERLIN)).time() == time(3)


def test_it_knows_the_hour_that_comes_twice():
    # On 25 October 2026 the clock shows 02:00 to 03:00 twice.
    hours = Hours(quiet=(Window(EVERY_DAY, time(22), time(2, 30)),))
    first, second = at("2026-10-25T02:40", fold=0), at("2026-10-25T02:10", fold=1)
    assert is_allowed(first, hours=hours, zone_name=BERLIN)
    assert next_allowed(second, hours=hours, zone_name=BERLIN) == at("2026-10-25T02:30", fold=1)


def test_it_counts_in_the_zone_of_the_lead():
    moment = datetime(2026, 11, 23, 12, tzinfo=UTC)  # seven in New York
    assert next_allowed(moment, hours=NIGHT, zone_name=NEW_YORK) == at("2026-11-23T08:00", NEW_YORK)
    assert next_allowed(moment, hours=NIGHT, zone_name=BERLIN) == moment


def test_it_says_that_there_is_no_time():
    never = Hours(quiet=(Window(EVERY_DAY, time(), time()),))
    assert next_allowed(at("2026-11-23T12:00"), hours=never, zone_name=BERLIN) is None


def test_it_takes_a_zone_that_is_gone_for_utc():
    assert next_allowed(at("2026-11-23T12:00"), hours=NIGHT, zone_name="Mars/Olympus") == at(
        "2026-11-23T12:00"
    )


def test_it_ends_a_day_that_lasts_25_hours():
    assert day_after(at("2026-10-25T12:00"), zone_name=BERLIN) == at("2026-10-26T00:00")
    assert at("2026-10-26T00:00") - at("2026-10-25T00:00") == timedelta(hours=25)


def test_it_lives_through_a_day_that_a_country_left_out():
    # Samoa went from 29 to 31 December 2011.
    assert local_day(day_after(at("2011-12-29T12:00", APIA), zone_name=APIA), zone_name=APIA) == date(
        2011, 12, 31
    )


CLOCK = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
WINDOWS = st.lists(st.builds(Window, st.frozensets(st.integers(0, 6), min_size=1), CLOCK, CLOCK), max_size=3)
HOURS = st.builds(lambda quiet, open_: Hours(quiet=tuple(quiet), windows=tuple(open_)), WINDOWS, WINDOWS)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(sorted(available_timezones()))


@settings(max_examples=300, deadline=None)
@given(HOURS, MOMENTS, ZONES)
def test_it_never_goes_out_when_it_may_not_and_never_waits_too_long(hours, moment, zone):
    found = next_allowed(moment, hours=hours, zone_name=zone)
    steps = [moment + timedelta(minutes=minutes) for minutes in range(0, 3 * 24 * 60, 7)]
    if found is None:
        assert not any(is_allowed(step, hours=hours, zone_name=zone) for step in steps)
        return
    assert found >= moment
    assert is_allowed(found, hours=hours, zone_name=zone)
    assert not any(is_allowed(step, hours=hours, zone_name=zone) for step in steps if step < found)


@settings(max_examples=200, deadline=None)
@given(MOMENTS, ZONES)
def test_the_day_after_is_the_first_moment_of_another_day(moment, zone):
    end = day_after(moment, zone_name=zone)
    assert end > moment
    assert local_day(end, zone_name=zone) > local_day(moment, zone_name=zone)
    assert local_day(end - timedelta(seconds=1), zone_name=zone) == local_day(moment, zone_name=zone)
