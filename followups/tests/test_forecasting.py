"""The calendar of the next 14 days: what waits, decided as the dispatcher decides, and what leads like the
last ones would add."""

from datetime import date

import pytest

from followups import forecasting, policies, waiting
from followups.documents import read
from followups.policies import newest
from followups.tests.sales import DAY, HOUR, NOON, arrived, ended, policy, sent, step, switch, wrote
from leads import services
from leads.models import Lead

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def calendar(of, now=NOON):
    """As its newest version says."""
    return forecasting.calendar(plan=read(newest(of).document), policy=of, now=now)


def certain(of, now=NOON) -> dict:
    """Days on which something goes out for certain, by step."""
    return {day.day: day.certain for day in calendar(of, now).days if any(day.certain)}


def test_what_waits_is_told_by_day_and_step():
    nudge = policy(after=("30m", "1d"))
    arrived(), arrived()
    assert certain(nudge) == {MONDAY: (2, 0), TUESDAY: (0, 2)}


def test_the_cap_of_a_lead_puts_a_step_off_or_drops_it():
    nudge = policy(after=("30m", "2h", "2d"))
    arrived()
    assert certain(nudge) == {MONDAY: (1, 0, 0), TUESDAY: (0, 1, 0), date(2026, 11, 25): (0, 0, 1)}
    strict = policy("strict", after=("30m", "2h", "3h"))
    assert calendar(strict).dropped == 0
    arrived()
    assert calendar(strict).dropped == 2


def test_the_cap_of_a_policy_spreads_its_messages():
    nudge = policy(after=("30m",), caps={"policy_per_day": 2})
    for _ in range(5):
        arrived()
    assert [counts[0] for counts in certain(nudge).values()] == [2, 2, 1]


def test_what_was_sent_today_counts_for_the_cap():
    nudge = policy(after=("30m", "3h"))
    lead = arrived()
    sent(lead)
    assert certain(nudge, NOON + HOUR) == {TUESDAY: (0, 1)}


def test_leads_that_replied_ended_or_opted_out_are_left_out():
    nudge = policy(after=("2h",))
    gone = [arrived() for _ in range(3)]
    arrived()
    wrote(gone[0])
    ended(gone[1])
    services.opt_out(lead=gone[2], now=NOON + HOUR)
    assert certain(nudge, NOON + HOUR) == {MONDAY: (1,)}
    assert calendar(nudge, NOON + HOUR).dropped == 3


def test_other_policies_take_their_share_of_the_leads_day():
    first, second = policy("first", after=("30m",)), policy("second", after=("2h",))
    arrived()
    assert certain(second) == {TUESDAY: (1,)}
    switch(first, on=False)
    assert certain(second) == {MONDAY: (1,)}


def test_leads_like_the_last_ones_are_expected():
    for days in (1, 2, 13, 20):
        arrived(NOON - days * DAY, created_at=NOON - days * DAY, source="web")
    arrived(NOON - DAY, created_at=NOON - DAY, source="fair")
    nudge = policy(after=("30m",), conditions={"sources": ["web"]}, hold_out=0.5)
    found = calendar(nudge)
    assert found.leads_like_these == 3
    assert sum(sum(day.expected) for day in found.days) == pytest.approx(1.5)
    assert not any(any(day.certain) for day in found.days)


def test_leads_are_expected_to_reply_and_to_end_as_they_did():
    for end in (wrote, ended):
        lead = arrived(NOON - 3 * DAY, created_at=NOON - 3 * DAY)
        end(lead, now=NOON - 3 * DAY + HOUR)
    nudge = policy(after=("30m", "1d"))
    expected = [sum(counts) for counts in zip(*(day.expected for day in calendar(nudge).days), strict=True)]
    assert expected == [2, 0]


def test_of_many_leads_a_share_is_looked_at(monkeypatch):
    monkeypatch.setattr(waiting, "MOST_WAITING", 10)
    nudge = policy(after=("30m",))
    for _ in range(40):
        arrived()
    found = calendar(nudge)
    assert found.sampled
    assert 4 <= sum(day.certain[0] for day in found.days) <= 120
    assert sum(day.certain[0] for day in found.days) % 4 == 0


def test_steps_of_older_versions_are_told_as_well():
    nudge = policy(after=("30m", "1d"))
    arrived()
    policies.revise(policy=nudge, document={"steps": [step("30m")]}, author="ada", now=NOON)
    assert calendar(nudge).steps == 2


def test_a_policy_that_is_not_stored_is_expected_only():
    lead = arrived(NOON - DAY, created_at=NOON - DAY)
    found = forecasting.calendar(plan=read({"steps": [step()]}), policy=None, now=NOON)
    assert Lead.objects.get() == lead
    assert sum(day.expected[0] for day in found.days) == 1
