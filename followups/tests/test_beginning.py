"""The last look before a message leaves, at rows as they are, under the lead's lock."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from customerops import intake
from customerops.erasing import erase
from followups import standing
from followups.beginning import LATELY, begin
from followups.channels import channels
from followups.channels.base import NotNow
from followups.models import Enrolment, FollowUp, PolicyDay, PolicyVersion
from followups.plans import _read
from followups.preparing import prepare
from followups.tests.cast import (
    HOUR,
    MINUTE,
    NOON,
    begun,
    claimed,
    lead,
    leases_end,
    policy,
    somebody_writes_for,
    steps,
    switch,
)  # fmt: skip
from leads import services
from leads.conversation import NewMessage
from leads.models import Lead, OptOut
from leads.people import Subject
from leads.services import NewLead
from privacy.digests import Name, digests

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent")]
LATER = NOON + HOUR
NO_CAP = {"caps": {"lead_per_day": None}}


def statuses() -> list[tuple[str, str]]:
    return [(row.status, row.reason) for row in steps()]


def reply(one: Lead, text: str = "how much is it?") -> None:
    intake.receive(
        leads=[NewLead(external_id=one.external_id, messages=[NewMessage(text=text)])], now=NOON + MINUTE
    )


def ends(one: Lead, state: str) -> None:
    services.record_outcome(lead=one, state=state, now=NOON + MINUTE)


def stop(one: Lead) -> None:
    Enrolment.objects.filter(lead=one).update(stopped_at=NOON, stopped_by="ada")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (reply, "replied"),
        (lambda one: reply(one, "please stop writing to me"), "opted_out"),
        (lambda one: services.opt_out(lead=one, now=NOON), "opted_out"),
        (lambda one: ends(one, "booked"), "ended"),
        (lambda one: ends(one, "spam"), "ended"),
        (stop, "stopped"),
    ],
)
@pytest.mark.parametrize("when", ["before the claim", "after it"])
def test_what_happened_until_now_cancels_it(happens, reason, when):
    policy("30m")
    ada = lead(external_id="ada")
    if when == "before the claim":
        happens(ada)
    ready = prepare(claimed(LATER))
    if when == "after it":
        happens(ada)
    result = begin(ready=ready, now=LATER)
    assert (result.begun, result.closed) == ([], {"cancelled": 1})
    assert statuses() == [("cancelled", reason)]


def test_who_opted_out_by_another_lead_hears_nothing_though_this_one_does_not_say_so_yet():
    policy("30m")
    ada, other = lead(), lead(contact={"email": "ben@example.org"})
    OptOut.objects.create(digest=digests(Name.EMAIL, "ada@example.org")[0], at=NOON)
    assert [one.state.value for one in standing.of_lead(ada.pk, now=LATER)] == ["CANCELLED"]
    assert [one.ready.claimed.lead_id for one in begun(LATER)] == [other.pk]
    assert [(row.status, row.reason) for row in steps(lead=ada)] == [("cancelled", "opted_out")]


def test_an_outcome_that_was_corrected_lets_the_rest_go_on():
    policy("30m", "50m", **NO_CAP)
    ada = lead()
    ends(ada, "booked")
    assert begun(NOON + 30 * MINUTE) == []
    ends(ada, "qualified")
    assert len(begun(LATER)) == 1
    assert statuses() == [("cancelled", "ended"), ("sending", "")]


def test_a_switch_that_is_thrown_between_claim_and_begin_puts_it_back():
    nudge = policy("30m")
    lead()
    ready = prepare(claimed(LATER))
    switch(nudge, on=False)
    assert begin(ready=ready, now=LATER).begun == []
    assert statuses() == [("pending", "switched_off")]
    switch(nudge, on=True)
    assert len(begun(LATER)) == 1


def test_quiet_hours_put_it_off():
    policy("30m", hours={"quiet": [{"start": "21:00", "end": "08:00"}]})
    lead(timezone="Europe/Berlin")
    assert begun(NOON + 10 * HOUR) == []
    [row] = steps()
    assert (row.status, row.reason) == ("pending", "quiet")
    assert row.due_at == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert claimed(row.due_at - MINUTE) == []
    assert len(begun(row.due_at)) == 1


def test_a_step_whose_time_is_long_past_is_dropped():
    policy("30m", "2h", **NO_CAP)
    lead()
    [second] = begun(NOON + 3 * HOUR)
    assert second.ready.message.step == 2
    assert statuses() == [("cancelled", "too_late"), ("sending", "")]


def test_the_cap_of_a_lead_counts_all_policies_and_each_of_one_batch():
    for name in ("one", "two", "three"):
        policy("30m", name=name, caps={"lead_per_day": 2}, hours={"quiet": []})
    lead(timezone="Asia/Tokyo")
    assert len(begun(LATER)) == 2
    assert sorted(statuses()) == [("pending", "lead_cap"), ("sending", ""), ("sending", "")]
    [held] = FollowUp.objects.filter(status="pending")
    assert held.due_at == datetime(2026, 11, 23, 15, tzinfo=UTC)  # midnight in Tokyo
    assert len(begun(held.due_at)) == 1


def test_the_cap_of_a_lead_counts_what_may_have_arrived_but_not_what_failed():
    policy("30m", "50m", name="one", channel="repeatable", caps={"lead_per_day": 1}, hours={"quiet": []})
    lead()
    [_] = begun(NOON + 30 * MINUTE)
    leases_end()
    FollowUp.objects.filter(step=1).update(
        status="pending", lease_until=None, reason="crashed", due_at=NOON + 9 * HOUR
    )
    assert begun(LATER) == []
    assert statuses() == [("pending", "crashed"), ("pending", "lead_cap")]
    FollowUp.objects.filter(step=1).update(reason="retry")
    FollowUp.objects.filter(step=2).update(due_at=LATER)
    assert len(begun(LATER)) == 1


def test_the_cap_of_a_policy_is_counted_exactly():
    nudge = policy("30m", caps={"policy_per_day": 3}, hours={"zone": "Asia/Tokyo", "quiet": []})
    for _ in range(5):
        lead()
    assert len(begun(LATER, most=2)) == 2
    assert len(begun(LATER)) == 1
    held = FollowUp.objects.filter(reason="policy_cap")
    assert {row.due_at for row in held} == {datetime(2026, 11, 23, 15, tzinfo=UTC)}
    [day] = PolicyDay.objects.filter(policy=nudge)
    assert (day.begun, f"{day.day}") == (3, "2026-11-23")
    assert len(begun(datetime(2026, 11, 23, 15, tzinfo=UTC))) == 2


def test_a_lead_that_somebody_writes_for_is_not_waited_for():
    policy("30m")
    ada, ben = lead(), lead()
    ready = prepare(claimed(LATER))
    with somebody_writes_for(ada):
        [one] = begin(ready=ready, now=LATER).begun
    assert one.ready.claimed.lead_id == ben.pk
    [row] = steps(lead=ada)
    assert (row.status, row.due_at) == ("pending", LATER + timedelta(seconds=1))
    assert len(begun(row.due_at)) == 1


def test_a_claim_whose_lease_ended_or_was_taken_over_begins_nothing():
    policy("30m")
    lead()
    ready = prepare(claimed(LATER))
    leases_end()
    assert begin(ready=ready, now=LATER).begun == []
    FollowUp.objects.update(status="pending", lease_until=None)
    claimed(LATER, worker="two")
    assert begin(ready=ready, now=LATER).begun == []
    assert FollowUp.objects.get().claimed_by == "two"


def test_a_lead_that_was_erased_meanwhile_leaves_nothing_to_begin():
    policy("30m")
    ada = lead()
    ready = prepare(claimed(LATER))
    erase(subject=Subject.lead(ada.pk), actor="ben", reason="asked", now=NOON)
    assert begin(ready=ready, now=LATER).begun == []
    assert prepare([one.claimed for one in ready]) == []


def test_a_begun_step_says_whether_it_may_be_repeated():
    policy("30m", channel="repeatable")
    lead()
    begun(LATER)
    [row] = steps()
    assert (row.status, row.attempts, row.repeatable) == ("sending", 1, True)


def test_what_cannot_be_carried_out_begins_with_its_fault():
    policy("30m")
    lead()
    FollowUp.objects.update(channel="pigeon")
    assert "pigeon" not in channels()
    [one] = begun(LATER)
    assert one.ready.fault.reason == "unsendable"


def test_what_cannot_be_read_here_begins_with_a_fault_that_passes():
    policy("30m")
    lead()
    _read.clear()
    PolicyVersion.objects.update(document={"steps": "none"})
    [one] = begun(LATER)
    assert isinstance(one.ready.fault, NotNow)


def test_a_step_of_which_an_attempt_may_have_arrived_is_never_called_cancelled():
    policy("30m", channel="repeatable")
    ada = lead()
    [_] = begun(LATER)
    FollowUp.objects.update(status="pending", lease_until=None, reason="no_answer")
    services.opt_out(lead=ada, now=LATER)
    assert begun(LATER) == []
    assert statuses() == [("in_doubt", "no_answer")]


def test_what_went_to_a_lead_lately_is_found_without_reading_all_it_ever_got():
    policy()
    one = lead()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO followups_followup
            SELECT (jsonb_populate_record(old, jsonb_build_object(
                'id', gen_random_uuid(), 'step', number, 'status', 'sent',
                'sent_at', old.due_at - interval '30 days'))).*
            FROM followups_followup AS old, generate_series(2, 2000) AS number
            """
        )
        cursor.execute("ANALYZE followups_followup")
        asked = "EXPLAIN SELECT 1 FROM followups_followup AS other WHERE other.lead_id = %s AND "
        cursor.execute(asked + LATELY, [one.pk, NOON])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "followup_lately" in plan
