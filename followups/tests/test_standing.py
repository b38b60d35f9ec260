"""Why something was sent, or not, as people are told."""

from datetime import UTC, datetime

import pytest

from followups import standing
from followups.beginning import begin
from followups.claiming import reclaim
from followups.models import Enrolment, FollowUp
from followups.preparing import prepare
from followups.tests.cast import (
    HOUR,
    MINUTE,
    NOON,
    begun,
    claimed,
    dispatch,
    lead,
    leases_end,
    policy,
    steps,
    switch,
)  # fmt: skip
from leads import services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
LATER = NOON + HOUR


def told(one, at=LATER):
    return [(row.state.value, row.reason) for row in standing.of_lead(one.pk, now=at)]


def test_what_was_sent_and_what_comes_are_told_with_their_times():
    policy("30m", "2h")
    ada = lead()
    dispatch(LATER)
    first, second = standing.of_lead(ada.pk, now=LATER)
    assert (first.state, first.at, first.receipt, first.attempts) == ("SENT", LATER, "ok", 1)
    assert (second.state, second.reason, second.at) == ("SCHEDULED", "", NOON + 2 * HOUR)
    assert (first.policy, first.version, first.step, second.step) == ("nudge", 1, 1, 2)


def test_a_lead_that_is_not_there_has_none():
    assert standing.of_lead(lead().pk, now=NOON) == []


@pytest.mark.parametrize(
    ("happens", "reason", "at"),
    [
        (lambda one: services.opt_out(lead=one, now=NOON), "opted_out", NOON),
        (lambda one: services.note_signals(
            lead=one, signals={}, opts_out=False, now=NOON, replied_at=NOON, turns=1), "replied", NOON),
        (lambda one: services.record_outcome(lead=one, state="booked", now=NOON), "ended", NOON),
        (lambda one: Enrolment.objects.update(stopped_at=NOON, stopped_by="ada"), "stopped", NOON),
    ],
)  # fmt: skip
def test_what_waits_reads_cancelled_before_anybody_wrote_that(happens, reason, at):
    policy("2h")
    ada = lead()
    happens(ada)
    [row] = standing.of_lead(ada.pk, now=LATER)
    assert (row.state, row.reason, row.at) == ("CANCELLED", reason, at)
    assert row.sentence
    assert steps()[0].status == "pending"
    dispatch(NOON + 2 * HOUR)
    assert told(ada) == [("CANCELLED", reason)]


def test_what_is_due_tells_what_holds_it():
    nudge = policy("30m", hours={"quiet": [{"start": "21:00", "end": "08:00"}]})
    ada = lead(timezone="Europe/Berlin")
    assert told(ada) == [("SCHEDULED", "due")]
    night = NOON + 10 * HOUR
    [row] = standing.of_lead(ada.pk, now=night)
    assert (row.state, row.reason, row.at) == ("HELD", "quiet", datetime(2026, 11, 24, 7, tzinfo=UTC))
    dispatch(night)
    assert standing.of_lead(ada.pk, now=night) == [row]
    switch(nudge, on=False)
    assert told(ada) == [("HELD", "switched_off")]


def test_caps_are_told_beforehand():
    policy("30m", name="one", caps={"lead_per_day": 1})
    policy("40m", name="two", caps={"lead_per_day": 1})
    ada = lead()
    dispatch(NOON + 35 * MINUTE)
    assert told(ada) == [("SENT", ""), ("HELD", "lead_cap")]


def test_what_is_being_sent_and_what_nobody_knows_are_told():
    policy("30m")
    ada = lead()
    ready = prepare(claimed(LATER))
    assert told(ada) == [("SCHEDULED", "due")]
    begin(ready=ready, now=LATER)
    assert told(ada) == [("SENDING", "")]
    leases_end()
    reclaim(now=LATER)
    [row] = standing.of_lead(ada.pk, now=LATER)
    assert (row.state, row.sentence) == ("IN DOUBT", "the process that sent it died")


def test_a_step_that_may_have_arrived_is_in_doubt_when_it_cannot_be_repeated_any_more():
    policy("30m", channel="repeatable")
    ada = lead()
    begun(LATER)
    leases_end()
    reclaim(now=LATER)
    assert told(ada) == [("SCHEDULED", "due")]
    services.opt_out(lead=ada, now=LATER)
    assert told(ada) == [("IN DOUBT", "crashed")]


def test_why_it_failed_is_told_with_what_the_receiver_said():
    policy("30m")
    ada = lead()
    FollowUp.objects.update(status="failed", reason="refused", detail="550 no such user")
    [row] = standing.of_lead(ada.pk, now=LATER)
    assert (row.state, row.sentence) == ("FAILED", "the receiver refused it: 550 no such user")


def test_a_lead_that_is_held_out_is_told_so_for_each_step():
    policy("30m", "2h")
    ada = lead()
    FollowUp.objects.all().delete()
    Enrolment.objects.update(held_out=True)
    assert told(ada) == [("HELD OUT", "held_out")] * 2
