"""What becomes of a step that is due: tables, and laws over whatever comes."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups import deciding
from followups.calendar import is_allowed
from followups.deciding import Cancel, Hold, Send, Situation, decide, on_day_of
from followups.models import Reason
from followups.policy import ENDINGS, EVERY_DAY, Caps, Hours, Plan, Step, Stops, Window

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEP = Step(after=HOUR, channel="console", body="Still there?")
NIGHT = Hours(zone="UTC", quiet=(Window(EVERY_DAY, time(21), time(8)),))
PLAN = Plan(steps=(STEP,), hours=NIGHT, caps=Caps(lead_per_day=None))
CALM = Situation(
    plan=PLAN, planned_at=NOON, following_at=None, zone="UTC", opted_out=False, stopped=False,
    turns_heard=1, turns_before=1, state=None, on=True,
)  # fmt: skip


def plan(**changes) -> Plan:
    return replace(PLAN, **changes)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_step_that_nothing_speaks_against_goes_out():
    assert decide(CALM, now=NOON) == Send()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"opted_out": True}, "opted_out"),
        ({"stopped": True}, "stopped"),
        ({"turns_heard": 2}, "replied"),
        ({"turns_heard": 5, "turns_before": 4}, "replied"),
        *(({"state": state}, "ended") for state in sorted(ENDINGS)),
        # whatever else may be said, an opt-out is what is told
        ({"opted_out": True, "stopped": True, "turns_heard": 2, "state": "booked"}, "opted_out"),
        ({"opted_out": True, "on": False}, "opted_out"),
    ],
)
def test_a_step_is_cancelled(changes, reason):
    assert decide(replace(CALM, **changes), now=NOON) == Cancel(reason)


@pytest.mark.parametrize(
    ("stops", "changes"),
    [
        (Stops(reply=False), {"turns_heard": 9}),
        (Stops(outcome=False), {"state": "booked"}),
        (Stops(), {"state": "qualified"}),
        (Stops(), {"state": "nurture"}),
        (Stops(), {"turns_heard": 0}),  # retention and erasure count nothing back, but it would do no harm
    ],
)
def test_what_a_policy_does_not_stop_at_goes_on(stops, changes):
    assert decide(replace(CALM, plan=plan(stops=stops), **changes), now=NOON) == Send()


def test_no_policy_overrules_an_opt_out():
    careless = plan(stops=Stops(reply=False, outcome=False), hours=Hours(quiet=()))
    assert decide(replace(CALM, plan=careless, opted_out=True), now=NOON) == Cancel("opted_out")


@pytest.mark.parametrize(
    ("following", "late", "decision"),
    [
        (None, 3 * DAY - HOUR, Send()),
        (None, 3 * DAY, Cancel("too_late")),
        (HOUR, HOUR / 2, Send()),
        (HOUR, HOUR, Cancel("too_late")),
        (9 * DAY, 2 * DAY, Send()),
        (9 * DAY, 3 * DAY, Cancel("too_late")),
        (timedelta(0), HOUR, Send()),  # both wait for the morning: the one does not make the other late
        (timedelta(0), 3 * DAY, Cancel("too_late")),
    ],
)
def test_a_step_is_dropped_when_the_next_ones_time_has_come_or_after_three_days(following, late, decision):
    situation = replace(CALM, following_at=None if following is None else NOON + following)
    assert decide(situation, now=NOON + late) == decision


def test_a_policy_that_is_off_holds_without_a_time():
    assert decide(replace(CALM, on=False), now=NOON) == Hold(NOON, "switched_off")


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-11-23T21:00", "UTC", "2026-11-24T08:00"),
        ("2026-11-23T20:00", "Europe/Berlin", "2026-11-24T07:00"),  # 21:00 there
        ("2026-11-23T12:00", "Asia/Tokyo", "2026-11-23T23:00"),
        ("2028-02-28T23:00", "UTC", "2028-02-29T08:00"),  # a leap day
        ("2028-02-29T23:00", "UTC", "2028-03-01T08:00"),
        ("2026-03-29T00:30", "Europe/Berlin", "2026-03-29T06:00"),  # the night of 23 hours
        ("2026-10-25T00:30", "Europe/Berlin", "2026-10-25T07:00"),  # the one of 25
    ],
)
def test_quiet_hours_hold_until_they_end_where_the_lead_lives(now, zone, until):
    moment = at(now)
    situation = replace(CALM, planned_at=moment, zone=zone)
    assert decide(situation, now=moment) == Hold(at(until), "quiet")


def test_nobody_lives_in_utc_the_policys_zone_stands_in():
    lisbon = plan(hours=replace(NIGHT, zone="Asia/Tokyo"))
    assert decide(replace(CALM, plan=lisbon), now=NOON) == Hold(at("2026-11-23T23:00"), "quiet")


def test_a_calendar_without_any_time_is_looked_at_again_tomorrow():
    never = plan(hours=replace(NIGHT, quiet=(Window(EVERY_DAY, time(0), time(0)),)))
    assert decide(replace(CALM, plan=never), now=NOON) == Hold(NOON + DAY, "quiet")


@pytest.mark.parametrize(
    ("caps", "sent", "decision"),
    [
        (Caps(lead_per_day=1), {"to_lead": 0}, Send()),
        (Caps(lead_per_day=1), {"to_lead": 1}, Hold(at("2026-11-24T08:00"), "lead_cap")),
        (Caps(lead_per_day=3), {"to_lead": 2}, Send()),
        (Caps(lead_per_day=None, policy_per_day=100), {"of_policy": 99, "to_lead": 50}, Send()),
        (Caps(policy_per_day=100), {"of_policy": 100}, Hold(at("2026-11-24T08:00"), "policy_cap")),
        (Caps(lead_per_day=1, policy_per_day=1), {"to_lead": 1, "of_policy": 1},
         Hold(at("2026-11-24T08:00"), "lead_cap")),
    ],
)  # fmt: skip
def test_caps_hold_until_the_next_days_first_hour(caps, sent, decision):
    assert decide(replace(CALM, plan=plan(caps=caps), **sent), now=NOON) == decision


def test_a_cap_of_the_lead_ends_with_its_day_and_that_of_the_policy_with_the_policys():
    hours = replace(NIGHT, zone="America/New_York", quiet=())
    capped = replace(
        CALM, plan=plan(hours=hours, caps=Caps(lead_per_day=1, policy_per_day=1)), zone="Asia/Tokyo"
    )
    assert decide(replace(capped, to_lead=1), now=NOON) == Hold(at("2026-11-23T15:00"), "lead_cap")
    assert decide(replace(capped, of_policy=1), now=NOON) == Hold(at("2026-11-24T05:00"), "policy_cap")


@pytest.mark.parametrize(
    ("zone", "moments", "count"),
    [
        ("UTC", ["2026-11-23T00:00", "2026-11-23T23:59", "2026-11-22T23:59", "2026-11-24T00:00"], 2),
        ("Asia/Tokyo", ["2026-11-22T15:00", "2026-11-22T14:59", "2026-11-23T14:59", "2026-11-23T15:00"], 2),
    ],
)
def test_messages_are_counted_by_the_day_on_the_wall(zone, moments, count):
    assert on_day_of(map(at, moments), now=NOON, zone_name=zone) == count


@pytest.mark.parametrize(
    "name",
    [name for name in vars(deciding) if name.isupper() and isinstance(getattr(deciding, name), str)],
)
def test_every_reason_is_one_that_rows_may_have(name):
    assert getattr(deciding, name) in Reason.values


situations = st.builds(
    Situation,
    plan=st.builds(
        Plan,
        steps=st.just((STEP,)),
        hours=st.sampled_from([NIGHT, replace(NIGHT, zone="Asia/Tokyo"), replace(NIGHT, quiet=())]),
        caps=st.builds(
            Caps,
            lead_per_day=st.one_of(st.none(), st.integers(1, 3)),
            policy_per_day=st.one_of(st.none(), st.integers(1, 3)),
        ),
        stops=st.builds(Stops, reply=st.booleans(), outcome=st.booleans()),
    ),
    planned_at=st.just(NOON),
    following_at=st.one_of(st.none(), st.timedeltas(timedelta(0), 4 * DAY).map(lambda after: NOON + after)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "no/where"]),
    opted_out=st.booleans(),
    stopped=st.booleans(),
    turns_heard=st.integers(0, 3),
    turns_before=st.integers(0, 3),
    state=st.one_of(st.none(), st.sampled_from(["booked", "qualified", "spam"])),
    on=st.booleans(),
    to_lead=st.integers(0, 4),
    of_policy=st.integers(0, 4),
)
moments = st.timedeltas(timedelta(0), 4 * DAY).map(lambda after: NOON + after)


@given(situations, moments)
def test_nothing_goes_out_to_whom_it_must_not(situation, now):
    if decide(situation, now=now) == Send():
        assert not situation.opted_out
        assert not situation.stopped
        assert situation.on
        assert is_allowed(now, hours=situation.plan.hours, zone_name=deciding.lead_zone(situation))
        assert situation.to_lead < (situation.plan.caps.lead_per_day or 9)


@given(situations, moments)
def test_what_is_held_is_held_until_a_time_at_which_it_may_go_out(situation, now):
    decision = decide(situation, now=now)
    if isinstance(decision, Hold) and decision.reason != "switched_off":
        assert decision.until > now
        allowed = deciding.lead_zone(situation)
        assert is_allowed(decision.until, hours=situation.plan.hours, zone_name=allowed)


@given(situations, moments, st.timedeltas(timedelta(0), 4 * DAY))
def test_what_is_cancelled_stays_so_however_late_it_gets(situation, now, later):
    if isinstance(decide(situation, now=now), Cancel):
        assert isinstance(decide(situation, now=now + later), Cancel)
