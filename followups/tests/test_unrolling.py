"""Laws of looking ahead: what is foretold keeps the hours and the caps, and nothing is told twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from followups.calendar import is_allowed, local_day
from followups.policy import Caps, Plan, Step, zone_of
from followups.unrolling import GONE, unroll, unrolled_from

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ZONES = ["UTC", "Europe/Lisbon", "Asia/Tokyo", "America/New_York"]

plans = st.builds(
    lambda minutes, lead, policy: Plan(
        steps=tuple(
            Step(after=timedelta(minutes=each), channel="console", body="x") for each in sorted(set(minutes))
        ),
        caps=Caps(lead_per_day=lead, policy_per_day=policy),
    ),
    st.lists(st.integers(0, 7 * 24 * 60), min_size=1, max_size=5),
    st.one_of(st.none(), st.integers(1, 3)),
    st.one_of(st.none(), st.integers(1, 4)),
)
leads = st.lists(
    st.tuples(st.sampled_from(ZONES), st.integers(0, 48), st.one_of(st.none(), st.integers(0, 96))),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=60)
@given(plan=plans, leads=leads)
def test_what_is_foretold_keeps_hours_and_caps(plan, leads):
    waiting = [
        step
        for number, (zone, hour, gone) in enumerate(leads)
        for step in unrolled_from(
            plan, zone_name=zone, lead=UUID(int=number), policy=1, now=NOON + timedelta(hours=hour),
            gone_at=NOON + timedelta(hours=gone) if gone is not None else None,
        )
    ]  # fmt: skip
    fates = list(unroll(waiting, now=NOON, until=NOON + 60 * DAY))
    told = Counter((fate.waiting.lead, fate.waiting.step) for fate in fates)
    assert told == Counter((each.lead, each.step) for each in waiting)
    to_lead: Counter = Counter()
    of_policy: Counter = Counter()
    for fate in (fate for fate in fates if fate.at):
        zone = zone_of(plan.hours, fate.waiting.situation.zone)
        assert is_allowed(fate.at, hours=plan.hours, zone_name=zone)
        assert fate.at >= fate.waiting.due_at
        assert fate.waiting.gone_at is None or fate.at < fate.waiting.gone_at
        to_lead[fate.waiting.lead, local_day(fate.at, zone_name=zone)] += 1
        of_policy[local_day(fate.at, zone_name=plan.hours.zone)] += 1
    assert max(to_lead.values(), default=0) <= (plan.caps.lead_per_day or 99)
    assert max(of_policy.values(), default=0) <= (plan.caps.policy_per_day or 99)


def test_a_lead_that_is_gone_gets_nothing_more():
    plan = Plan(steps=(Step(after=timedelta(hours=1), channel="console", body="x"),))
    steps = unrolled_from(plan, zone_name="UTC", lead=UUID(int=1), policy=1, now=NOON, gone_at=NOON)
    [fate] = unroll(steps, now=NOON, until=NOON + DAY)
    assert (fate.at, fate.reason) == (None, GONE)


def test_what_is_due_after_the_end_is_left_out():
    plan = Plan(steps=(Step(after=2 * DAY, channel="console", body="x"),))
    steps = unrolled_from(plan, zone_name="UTC", lead=UUID(int=1), policy=1, now=NOON)
    assert list(unroll(steps, now=NOON, until=NOON + DAY)) == []
