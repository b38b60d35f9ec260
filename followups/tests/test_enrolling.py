"""Who enters a policy, and when: with what brings or changes the lead, once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction

from customerops import conversing, intake
from followups import enrolling, policies
from followups.models import Enrolment, FollowUp, PolicyVersion, Trigger
from leads import services
from leads.conversation import NewMessage
from leads.metrics import synthetic
from leads.models import Lead
from leads.services import NewLead

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEPS = [{"after": after, "channel": "console", "body": "Still there?"} for after in ("30m", "2h", "1d")]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _nothing_known():
    enrolling.known.forget()
    yield
    enrolling.known.forget()


def policy(name="nudge", *, on=True, **document):
    """A policy of three steps."""
    version = policies.create(name=name, document={"steps": STEPS, **document}, author="ada", now=NOON)
    policies.throw_switch(policy=version.policy, on=on, actor="ada", now=NOON)
    enrolling.known.forget()
    return version.policy


def arrived(now=NOON, **lead) -> Lead:
    """A lead that came in."""
    [answer] = intake.receive(leads=[NewLead(**lead)], now=now)
    return answer.lead


def wrote(lead, text, now) -> None:
    """A message of the lead."""
    conversing.converse(lead_id=lead.pk, messages=[NewMessage(text=text)], loaded=None, now=now)


def test_a_lead_is_enrolled_with_a_row_for_each_step():
    policy()
    lead = arrived()
    rows = FollowUp.objects.filter(lead=lead).order_by("step")
    assert [row.due_at - NOON for row in rows] == [30 * MINUTE, 2 * HOUR, DAY]
    assert {(row.status, row.planned_at == row.due_at) for row in rows} == {("pending", True)}
    assert Enrolment.objects.get().trigger == "created"


def test_the_plan_waits_for_the_morning_of_the_lead():
    policy()
    lead = arrived(timezone="Asia/Tokyo")  # nine in the evening there
    first = FollowUp.objects.get(lead=lead, step=1)
    assert first.due_at == datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_a_zone_that_nobody_knows_is_that_of_the_policy():
    policy(hours={"zone": "Asia/Tokyo"})
    lead = arrived(timezone="Mars/Olympus")
    assert FollowUp.objects.get(lead=lead, step=1).due_at == datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_a_policy_that_is_off_takes_nobody_in():
    policy(on=False)
    arrived()
    assert not Enrolment.objects.exists()


def test_a_lead_that_is_not_meant_stays_outside():
    policy(conditions={"sources": ["web"]})
    arrived(source="mail")
    assert not Enrolment.objects.exists()
    arrived(source="web")
    assert Enrolment.objects.count() == 1


def test_it_enters_every_policy_that_wants_it():
    policy("one"), policy("other")
    lead = arrived()
    assert FollowUp.objects.filter(lead=lead).count() == 6


def test_its_first_message_is_no_reply():
    policy()
    lead = arrived(messages=[NewMessage(text="how much is it?")])
    assert (lead.turns_heard, Enrolment.objects.get().turns_heard) == (1, 1)


def test_a_repeated_call_enrols_nobody_twice():
    policy()
    arrived(external_id="ada-1")
    arrived(external_id="ada-1")
    assert (Enrolment.objects.count(), FollowUp.objects.count()) == (1, 3)


def test_a_message_that_makes_it_fit_enrols_it():
    policy(conditions={"intents": ["price"]})
    lead = arrived(messages=[NewMessage(text="hello, I would like to book a room")])
    assert not Enrolment.objects.exists()
    wrote(lead, "how much does it cost per night?", NOON + HOUR)
    enrolment = Enrolment.objects.get()
    assert (enrolment.trigger, enrolment.turns_heard) == ("changed", 2)
    assert enrolment.enrolled_at == NOON + HOUR


def test_an_enrolled_lead_keeps_its_version():
    first = policy()
    lead = arrived()
    policies.revise(policy=first, document={"steps": STEPS[:1]}, author="ada", now=NOON)
    enrolling.known.forget()
    wrote(lead, "hm", NOON + HOUR)
    assert Enrolment.objects.get().version.number == 1
    assert FollowUp.objects.count() == 3


@pytest.mark.parametrize("state", ["booked", "ghosted", "unqualified", "spam"])
def test_a_lead_that_ended_is_not_enrolled(state):
    lead = arrived()
    services.record_outcome(lead=lead, state=state, now=NOON)
    policy()
    wrote(lead, "thank you", NOON + HOUR)
    assert not Enrolment.objects.exists()


def test_a_lead_that_was_put_off_is_enrolled():
    lead = arrived()
    services.record_outcome(lead=lead, state="booked", now=NOON)
    services.record_outcome(lead=lead, state="nurture", now=NOON)
    policy()
    wrote(lead, "maybe in spring", NOON + HOUR)
    assert Enrolment.objects.exists()


def test_who_wants_no_messages_is_not_enrolled():
    policy()
    arrived(messages=[NewMessage(text="please stop writing to me, unsubscribe")])
    assert not Enrolment.objects.exists()


def test_history_that_callers_bring_in_is_left_alone():
    policy()
    arrived(created_at=NOON - 3 * DAY)
    assert not Enrolment.objects.exists()


def test_a_policy_that_cannot_be_read_keeps_no_lead_out():
    unread, _ = policy("of a later release"), policy()
    PolicyVersion.objects.filter(policy=unread).update(document={"steps": STEPS, "colour": "blue"})
    enrolling.known.forget()
    ada = arrived()
    assert [one.policy.name for one in Enrolment.objects.filter(lead=ada)] == ["nudge"]


def test_a_probe_is_left_alone():
    policy()
    with synthetic():
        arrived()
    assert not Enrolment.objects.exists()


def test_all_or_none_with_the_lead():
    policy()
    with transaction.atomic():
        arrived()
        transaction.set_rollback(True)
    assert not Lead.objects.exists()
    assert not Enrolment.objects.exists()


def test_a_slice_is_held_out_and_gets_nothing():
    policy(hold_out=0.5)
    for _ in range(60):
        arrived()
    held_out = Enrolment.objects.filter(held_out=True)
    assert 10 <= held_out.count() <= 50
    assert FollowUp.objects.values("lead").distinct().count() == 60 - held_out.count()
    assert not FollowUp.objects.filter(lead__in=held_out.values("lead")).exists()


def test_an_import_enrols_only_when_asked(tmp_path):
    policy()
    file = tmp_path / "leads.csv"
    columns = ["--id", "id", "--created-at", "created", "--outcome", "ending"]

    def imported(name, *flags):
        file.write_text(f"id,created,ending\n{name}-1,2025-01-01,none\n{name}-2,2025-01-01,booked\n")
        call_command(
            "import_leads", file, *columns, "--rejects", tmp_path / "no.csv", "--verbosity", 0, *flags
        )

    imported("old")
    assert not Enrolment.objects.exists()
    imported("dry", "--follow-up", "--dry-run")
    assert not Enrolment.objects.exists()
    imported("new", "--follow-up")
    assert Enrolment.objects.get().lead.external_id == "new-1"
    assert Enrolment.objects.get().trigger == Trigger.IMPORTED
