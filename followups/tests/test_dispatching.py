"""A step from due to its end, by the dispatcher as it runs."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError, connection
from prometheus_client import REGISTRY

from followups import beginning, claiming, completing, dispatching, plans, policies, sending
from followups.channels import channels
from followups.channels.base import NoAnswer, NotNow, Undeliverable
from followups.clock import Clock
from followups.dispatching import Dispatcher
from followups.models import FollowUp, PolicyVersion, Reason
from followups.tests.cast import (
    HOUR,
    MINUTE,
    NOON,
    At,
    begun,
    connection_of_another,
    dispatch,
    lead,
    leases_end,
    policy,
    steps,
)
from leads import conversation
from leads.models import Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent")]
LATER = NOON + HOUR


@pytest.fixture
def does(monkeypatch):
    """What the channel does with each message."""

    def set_to(action) -> None:
        monkeypatch.setattr(type(channels()["scripted"]), "does", action)

    return set_to


def fails(error: Exception):
    def deliver(message) -> str:
        raise error

    return deliver


def counted(name: str, **labels) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_step_is_sent_when_it_is_due(sent):
    policy("30m", "2h")
    ada = lead(external_id="ada")
    assert dispatch(NOON) == {}
    assert dispatch(LATER) == {"sent": 1}
    [message] = sent
    [first, second] = steps(lead=ada)
    assert (message.id, message.body, message.attempt) == (first.pk, "Still there?", 1)
    assert (message.lead_id, message.external_id, message.policy, message.step) == (ada.pk, "ada", "nudge", 1)
    assert message.contact == {"name": "Ada Lovelace", "email": "ada@example.org"}
    assert (first.status, first.receipt, first.lease_until, first.attempts) == ("sent", "ok", None, 1)
    assert (first.sent_at, first.changed_at) == (LATER, LATER)
    assert second.status == "pending"


def test_what_was_sent_is_a_turn_of_the_conversation_without_what_is_personal(sent):
    policy("30m", body="Hi {{ first_name|default:'you' }}, still there?")
    ada = lead()
    dispatch(LATER)
    turn = Message.objects.get(lead=ada)
    assert [message.body for message in sent] == ["Hi Ada, still there?"]
    assert (turn.role, turn.text, turn.position) == ("agent", "Hi [PERSON], still there?", 1)
    assert turn.intent == ""


def test_many_are_sent_side_by_side(sent):
    policy("30m")
    for _ in range(30):
        lead()
    assert dispatch(LATER) == {"sent": 30}
    assert len({message.id for message in sent}) == 30
    assert {row.status for row in steps()} == {"sent"}
    assert Message.objects.count() == 30


@pytest.mark.parametrize(
    ("error", "row", "result"),
    [
        (Undeliverable("550 no such user"), ("failed", "refused"), "failed"),
        (Undeliverable("none", reason=Reason.NO_ADDRESS), ("failed", "no_address"), "failed"),
        (NotNow("451 try later"), ("pending", "retry"), "retry"),
        (NoAnswer("timeout"), ("in_doubt", "no_answer"), "in_doubt"),
        (ValueError("a bug"), ("in_doubt", "no_answer"), "in_doubt"),
    ],
)
def test_what_goes_wrong_is_told_by_the_row(does, error, row, result):
    does(fails(error))
    policy("30m")
    lead()
    before = counted("followup_attempts_total", channel="scripted", result=result)
    dispatch(LATER)
    [stored] = steps()
    assert (stored.status, stored.reason) == row
    assert not Message.objects.exists()
    assert counted("followup_attempts_total", channel="scripted", result=result) == before + 1


def test_what_the_receiver_says_is_kept_without_what_is_personal(does):
    does(fails(Undeliverable("550 <ada@example.org> is unknown, dear Lovelace")))
    policy("30m")
    lead()
    dispatch(LATER)
    [stored] = steps()
    assert "unknown" in stored.detail
    assert "ada@" not in stored.detail
    assert "Lovelace" not in stored.detail


def test_it_is_tried_again_later_and_later_and_then_no_more(does):
    does(fails(NotNow("451")))
    policy("30m", hours={"quiet": []})
    lead()
    waited, at = [], LATER
    for _ in range(2):
        dispatch(at)
        [row] = steps()
        waited.append(row.due_at - at)
        assert dispatch(row.due_at - timedelta(seconds=1)) == {}
        at = row.due_at
    assert MINUTE <= waited[0] <= 1.2 * MINUTE
    assert 5 * MINUTE <= waited[1] <= 6 * MINUTE
    assert dispatch(at) == {"failed": 1}
    [row] = steps()
    assert (row.status, row.reason, row.attempts) == ("failed", "unreachable", 3)


def test_it_is_not_tried_before_the_receiver_wants_it(does):
    does(fails(NotNow("503", after=HOUR)))
    policy("30m")
    lead()
    dispatch(LATER)
    assert steps()[0].due_at == LATER + HOUR


def test_an_attempt_that_may_have_arrived_is_repeated_only_by_a_repeatable_channel(does, sent):
    does(fails(NoAnswer("timeout")))
    policy("30m", channel="repeatable")
    lead()
    assert dispatch(LATER) == {"retry": 1}
    [row] = steps()
    assert (row.status, row.reason) == ("pending", "no_answer")
    does(lambda message: "ok")
    dispatch(row.due_at)
    [row] = steps()
    assert (row.status, row.reason, row.attempts) == ("sent", "", 2)


def test_a_target_that_is_gone_for_good_is_disabled(does, monkeypatch):
    told = []
    kind = type(channels()["scripted"])
    monkeypatch.setattr(kind, "disable", lambda self, target, why: told.append((target, why)))
    does(fails(Undeliverable("410", disables=True)))
    policy("30m")
    lead()
    dispatch(LATER)
    assert told == [("ada@example.org", "410")]


def test_a_channel_that_needs_an_address_is_never_handed_a_lead_without(monkeypatch, sent):
    def target(self, step, contact):
        if not contact.get("email"):
            raise Undeliverable("no address", reason=Reason.NO_ADDRESS)

    monkeypatch.setattr(type(channels()["scripted"]), "target", target)
    policy("30m")
    lead(contact=None)
    lead()
    assert dispatch(LATER) == {"sent": 1, "failed": 1}
    assert {row.reason for row in steps(status="failed")} == {"no_address"}


def test_a_lead_whose_contact_no_listed_key_opens_waits_for_the_key(sent):
    policy("30m")
    ada = lead()
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact FROM leads_lead")
        [sealed] = cursor.fetchone()
    keep("sealed with a lost key")
    assert dispatch(LATER) == {"retry": 1}
    [waiting] = steps(lead=ada)
    assert (waiting.status, waiting.reason) == ("pending", "retry")
    assert "CONTACT_ENCRYPTION_KEYS" in waiting.detail
    keep(sealed)
    assert dispatch(LATER + 10 * MINUTE) == {"sent": 1}
    assert sent[0].contact["email"] == "ada@example.org"


def keep(contact: bytes | str) -> None:
    """As the column has it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET contact = %s", [contact])


def test_a_channel_that_breaks_while_it_looks_where_to_send_stops_nobody_else(monkeypatch, sent):
    def target(self, step, contact):
        return {"ada@example.org": 1}[contact["email"]]

    monkeypatch.setattr(type(channels()["scripted"]), "target", target)
    policy("30m")
    lead()
    lead(contact={"email": "ben@example.org"})
    assert dispatch(LATER) == {"sent": 1, "retry": 1}
    [waiting] = steps(status="pending")
    assert (waiting.reason, waiting.detail) == ("retry", "the channel failed; the log tells more")


def test_what_may_have_arrived_is_not_repeated_once_the_receiver_ignores_no_repetitions(does, monkeypatch):
    arrived = []

    def deliver(message) -> str:
        arrived.append(message.id)
        raise NoAnswer("silence")

    does(deliver)
    policy("30m", channel="repeatable")
    lead()
    assert dispatch(LATER) == {"retry": 1}
    monkeypatch.setattr(type(channels()["repeatable"]), "repeats", lambda self, target: False)
    dispatch(LATER + 10 * MINUTE)
    [row] = steps()
    assert (row.status, row.reason, len(arrived)) == ("in_doubt", "no_answer", 1)


@pytest.mark.parametrize(
    ("places", "row"),
    [
        (("there", "there", "there"), ("sent", "", 2)),
        (("", "", ""), ("sent", "", 2)),
        (("there", "elsewhere", "there"), ("in_doubt", "no_answer", 1)),
        (("there", "", "there"), ("in_doubt", "no_answer", 1)),
    ],
)
@pytest.mark.parametrize("ends", ["no answer", "crash"])
def test_what_may_have_arrived_is_repeated_at_the_same_place_only(does, monkeypatch, ends, places, row):
    moves = iter(places)
    monkeypatch.setattr(
        type(channels()["repeatable"]), "place", lambda self, target: next(moves), raising=False
    )
    does(fails(NoAnswer("silence")))
    policy("30m", channel="repeatable")
    lead()
    if ends == "crash":
        begun(LATER)
        leases_end()
        claiming.reclaim(now=LATER)
    else:
        dispatch(LATER)
    does(lambda message: "ok")
    dispatch(LATER + 10 * MINUTE)
    dispatch(LATER + 20 * MINUTE)  # a person has to settle it, wherever the receiver is by then
    [one] = steps()
    reason = "crashed" if (ends, row[0]) == ("crash", "in_doubt") else row[1]
    assert (one.status, one.reason, one.attempts) == (row[0], reason, row[2])


@pytest.mark.parametrize("receipt", [None, 202])
def test_whatever_a_channel_answers_what_was_sent_is_sent(does, receipt):
    does(lambda message: receipt)
    policy("30m")
    lead()
    assert dispatch(LATER) == {"sent": 1}
    assert [(row.status, row.receipt) for row in steps()] == [("sent", str(receipt))]


def test_what_was_sent_is_sent_though_its_text_cannot_be_kept(monkeypatch, sent):
    def broken(*args, **kwargs):
        raise RecursionError

    monkeypatch.setattr(sending, "kept", broken)
    monkeypatch.setattr(conversation, "spoken", broken)
    policy("30m")
    ada = lead()
    assert dispatch(LATER) == {"sent": 1}
    assert (len(sent), steps()[0].status, steps()[0].receipt) == (1, "sent", "")
    assert not Message.objects.filter(lead=ada).exists()


def test_a_text_that_cannot_be_made_fails_for_good(sent):
    policy("30m")
    lead()
    document = PolicyVersion.objects.get().document
    document["steps"][0]["body"] = "{% if name %}"
    plans._read.clear()
    PolicyVersion.objects.update(document=document)
    assert dispatch(LATER) == {"failed": 1}
    [row] = steps()
    assert row.reason == "unsendable"


def test_no_more_than_asked_for_are_sent(sent):
    policy("30m")
    for _ in range(5):
        lead()
    assert dispatch(LATER, most=3) == {"sent": 3}
    assert [row.status for row in steps()].count("pending") == 2


def test_asked_to_end_it_finishes_what_it_sends_and_gives_back_the_rest(does):
    policy("30m")
    for _ in range(9):
        lead()
    begun, asked = [], Event()

    def deliver(message) -> str:
        begun.append(message.id)
        asked.set()
        return "ok"

    does(deliver)
    ended = Dispatcher(clock=At(LATER), threads=2).run(ends=asked.is_set, stays=True)
    assert ended == {"sent": len(begun)}
    rows = {row.status for row in steps()}
    assert rows == {"sent", "pending"}
    assert FollowUp.objects.filter(status="sent").count() == len(begun) < 9


def test_without_postgres_it_remembers_how_sends_ended_until_they_are_written(monkeypatch, sent):
    monkeypatch.setattr(dispatching, "AWAY_SECONDS", 0)
    policy("30m")
    for _ in range(3):
        lead()
    write, away = completing.complete, iter([True, True, True])

    def complete(**told):
        if next(away, False):
            raise OperationalError("server closed the connection unexpectedly")
        return write(**told)

    monkeypatch.setattr(completing, "complete", complete)
    assert dispatch(LATER) == {"sent": 3}
    assert len(sent) == 3
    assert {row.status for row in steps()} == {"sent"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_begin_whose_commit_nobody_confirmed_is_taken_back(monkeypatch, sent, when):
    monkeypatch.setattr(dispatching, "AWAY_SECONDS", 0)
    policy("30m")
    lead()
    work, lost = beginning.begin, iter([True])

    def begin(**told):
        if next(lost, False):
            if when == "after":
                work(**told)
            raise OperationalError("the connection was lost")
        return work(**told)

    monkeypatch.setattr(beginning, "begin", begin)
    assert dispatch(LATER) == {"sent": 1}
    assert len(sent) == 1


def test_a_connection_that_postgres_ends_is_made_anew(monkeypatch, does, sent):
    monkeypatch.setattr(dispatching, "AWAY_SECONDS", 0)
    policy("30m")
    lead()
    pid = connection.connection.info.backend_pid

    def deliver(message) -> str:
        with connection_of_another() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        return "ok"

    does(deliver)
    assert dispatch(LATER) == {"sent": 1}
    assert connection.connection.info.backend_pid != pid


def test_what_is_in_hand_for_long_keeps_its_lease(monkeypatch, does):
    monkeypatch.setattr(claiming, "RENEW_SECONDS", 0)
    renewed = []
    monkeypatch.setattr(claiming, "renew", lambda *, ids, fences: renewed.append((ids, fences)))
    policy("30m")
    lead()

    def deliver(message) -> str:
        while not renewed:
            pass
        return "ok"

    does(deliver)
    assert dispatch(LATER) == {"sent": 1}
    [row] = steps()
    assert ([row.pk], [1]) in renewed


def test_the_clock_is_that_of_postgres():
    clock = Clock()
    clock.look()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [told] = cursor.fetchone()
    assert abs(clock.now() - told) < timedelta(seconds=2)


def test_a_step_that_ended_is_counted_once():
    policy("30m")
    lead()
    gone = lead()
    type(gone).objects.filter(pk=gone.pk).update(opted_out_at=NOON)
    before = {end: counted("followup_jobs_total", result=end) for end in ("sent", "cancelled")}
    dispatch(LATER)
    dispatch(LATER)
    after = {end: counted("followup_jobs_total", result=end) for end in ("sent", "cancelled")}
    assert {end: after[end] - before[end] for end in after} == {"sent": 1, "cancelled": 1}


def test_a_version_that_this_process_cannot_read_waits_for_one_that_can(sent):
    version = policies.newest(policy("30m"))
    lead()
    readable = version.document
    plans._read.clear()
    PolicyVersion.objects.filter(pk=version.pk).update(document={"from": "a newer release"})
    assert dispatch(LATER) == {"retry": 1}
    [step] = steps()
    assert (step.status, step.detail) == ("pending", "the version of the policy cannot be read here")
    PolicyVersion.objects.filter(pk=version.pk).update(document=readable)
    assert dispatch(step.due_at + MINUTE) == {"sent": 1}
    assert len(sent) == 1
