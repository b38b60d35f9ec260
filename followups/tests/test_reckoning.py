"""What came of policies, counted from rows."""

from datetime import timedelta

import pytest

from followups import policies, reckoning
from followups.effect import Side, Verdict
from followups.models import Enrolment
from followups.reckoning import Figures
from followups.tests.sales import DAY, HOUR, NOON, arrived, ended, policy, sent, step, wrote
from leads.models import Lead

pytestmark = pytest.mark.django_db


def hold(lead: Lead, of) -> None:
    """The draw held it out."""
    Enrolment.objects.filter(lead=lead, policy=of).update(held_out=True)


def test_the_last_month_is_told_for_each_policy_in_one_query(django_assert_num_queries):
    nudge, idle = policy(), policy("idle", on=False)
    one, two, three = (arrived() for _ in range(3))
    arrived(NOON - 40 * DAY)
    sent(one)
    sent(one, 2)
    wrote(one)
    ended(two)
    hold(three, nudge)
    with django_assert_num_queries(1):
        found = reckoning.figures(now=NOON + 2 * HOUR)
    assert found[nudge.pk] == Figures(enrolled=3, held_out=1, sent=2, replied=1, booked=1)
    assert found[idle.pk] == Figures()


def test_only_leads_that_matured_are_compared():
    nudge = policy(hold_out=0.5)
    followed, held, young = arrived(), arrived(), arrived()
    Enrolment.objects.update(held_out=False)
    hold(held, nudge)
    ended(followed)
    late = arrived()
    Enrolment.objects.filter(lead=late).update(held_out=False)
    ended(late, now=NOON + 3 * DAY)
    Lead.objects.exclude(pk=young.pk).update(matures_at=NOON + 2 * DAY)
    found = reckoning.measured(policy=nudge, now=NOON + 4 * DAY).effect
    assert found.followed == Side(enrolled=3, matured=2, booked=1)  # the late one booked after it was judged
    assert found.held_out == Side(enrolled=1, matured=1, booked=0)
    assert found.verdict == Verdict.NOT_ENOUGH


def test_leads_of_another_share_are_left_out():
    nudge = policy(hold_out=0.1)
    arrived()
    for number, share in ((2, 0.2), (3, 0.2)):
        document = {"steps": [step(body=f"version {number}")], "hold_out": share}
        policies.revise(policy=nudge, document=document, author="ada", now=NOON + number * HOUR)
        arrived()
    found = reckoning.measured(policy=nudge, now=NOON + DAY)
    assert (found.hold_out, found.since) == (0.2, 2)
    assert found.effect.followed.enrolled + found.effect.held_out.enrolled == 2


def test_without_a_hold_out_it_says_so():
    nudge = policy()
    arrived()
    found = reckoning.measured(policy=nudge, now=NOON + timedelta(days=60)).effect
    assert found.verdict == Verdict.NOTHING_HELD_OUT
