"""Webhooks to real servers: what receivers get, and what their answers mean."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils.timezone import now
from standardwebhooks import Webhook as Verifier
from uuid6 import uuid7

from followups import receivers
from followups.channels import channels
from followups.channels.base import NoAnswer, NotNow, Outgoing, Undeliverable
from followups.channels.webhook import wait
from followups.models import Receiver
from followups.policy import Step
from followups.tests.web_sinks import answering, hanging_up, sink

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = {"name": "Ada Kern", "email": "ada@example.org"}
STEP = Step(after=timedelta(hours=1), channel="webhook", body="Hello", receiver="crm")


@pytest.fixture(autouse=True)
def _private_receivers(settings):
    settings.FOLLOWUP_PRIVATE_RECEIVERS = ["127.0.0.0/8"]
    receivers.known.forget()


def outgoing(**changes) -> Outgoing:
    """A message about Ada."""
    given = {
        "id": UUID("0199b3a0-0000-7000-8000-000000000001"),
        "lead_id": UUID("0199b3a0-0000-7000-8000-000000000002"),
        "external_id": "web-17",
        "policy": "nudge",
        "step": 2,
        "attempt": 1,
        "planned_at": NOON,
        "subject": "Still there?",
        "body": "Grüße, Ada",
        "contact": ADA,
        "unsubscribe_url": "https://ops.example/unsubscribe/abc",
    }
    return Outgoing(**{**given, **changes})


def receiver(port: int, **flags) -> tuple[Receiver, str]:
    """One on this machine."""
    return receivers.create(
        name="crm", url=f"http://127.0.0.1:{port}/in?team=4", author="ada", now=NOON, private=True, **flags
    )


def deliver(message: Outgoing | None = None) -> str:
    """As the dispatcher does it."""
    webhook = channels()["webhook"]
    return webhook.deliver(message or outgoing(), webhook.target(STEP, ADA))


def test_a_receiver_gets_what_the_standard_says_and_can_verify_it():
    with sink() as server:
        _, secret = receiver(server.port)
        assert deliver() == "HTTP 204"
    [request] = server.requests
    assert request.line == "POST /in?team=4 HTTP/1.1"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == str(outgoing().id)
    assert Verifier(secret).verify(request.body, request.headers) == {
        "type": "followup.due",
        "timestamp": "2026-11-23T12:00:00.000000Z",
        "data": {
            "lead_id": str(outgoing().lead_id),
            "external_id": "web-17",
            "policy": "nudge",
            "step": 2,
            "subject": "Still there?",
            "body": "Grüße, Ada",
            "unsubscribe_url": "https://ops.example/unsubscribe/abc",
        },
    }


def test_ids_of_either_type_are_written():
    made = uuid7()
    with sink() as server:
        receiver(server.port)
        deliver(outgoing(id=made, lead_id=made))
    assert json.loads(server.requests[0].body)["data"]["lead_id"] == str(made)


def test_only_a_receiver_that_may_have_it_gets_the_contact():
    with sink() as server:
        receiver(server.port, gets_contact=True)
        deliver()
    assert json.loads(server.requests[0].body)["data"]["contact"] == ADA


def test_connections_are_kept():
    with sink() as server:
        receiver(server.port)
        for _ in range(3):
            deliver()
    assert (len(server.requests), server.connections) == (3, 1)


def test_one_that_acts_twice_gets_a_connection_for_each_message():
    with sink() as server:
        receiver(server.port, deduplicates=False)
        for _ in range(3):
            deliver()
    assert (len(server.requests), server.connections) == (3, 3)


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "404 Not Found", "400 Bad", "500 Oops", "502 Bad"]
)
def test_what_is_no_success_is_repeated(status):
    with sink(answering(status, "Location: /elsewhere")) as server:
        receiver(server.port)
        with pytest.raises(NotNow, match=status[:3]) as caught:
            deliver()
    assert caught.value.after is None
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["429 Slow down", "503 Busy"])
def test_a_receiver_says_how_long_to_wait(status):
    with sink(answering(status, "Retry-After: 120")) as server:
        receiver(server.port)
        with pytest.raises(NotNow) as caught:
            deliver()
    assert caught.value.after == timedelta(minutes=2)


def test_a_receiver_that_is_gone_gets_nothing_more():
    with sink(answering("410 Gone")) as server:
        crm, _ = receiver(server.port)
        webhook = channels()["webhook"]
        target = webhook.target(STEP, ADA)
        with pytest.raises(Undeliverable) as caught:
            webhook.deliver(outgoing(), target)
        assert caught.value.disables
        webhook.disable(target, str(caught.value))
        with pytest.raises(Undeliverable, match="disabled") as refused:
            deliver()
    assert (refused.value.reason, len(server.requests)) == ("unsendable", 1)
    crm.refresh_from_db()
    assert crm.disabled_why == "HTTP 410: the receiver wants no more"


def test_it_does_not_know_what_a_receiver_did_that_hung_up():
    with sink(hanging_up) as server:
        receiver(server.port)
        with pytest.raises(NoAnswer):
            deliver()
    assert len(server.requests) == 1


def test_nothing_was_handed_over_where_nobody_listens():
    with sink() as server:
        pass
    receiver(server.port)
    with pytest.raises(NotNow):
        deliver()


@pytest.mark.parametrize(("deduplicates", "raised"), [(True, NotNow), (False, NoAnswer)])
def test_a_gateway_does_not_know_what_the_receiver_did(deduplicates, raised):
    with sink(answering("504 Gateway Timeout")) as server:
        receiver(server.port, deduplicates=deduplicates)
        with pytest.raises(raised):
            deliver()


@pytest.mark.parametrize("deduplicates", [True, False])
def test_whether_it_repeats_is_what_the_receiver_says(deduplicates):
    receiver(9, deduplicates=deduplicates)
    webhook = channels()["webhook"]
    assert webhook.repeats(webhook.target(STEP, ADA)) is deduplicates


def test_while_a_secret_is_replaced_both_verify():
    with sink() as server:
        crm, old = receiver(server.port)
        new = receivers.replace_secret(receiver=crm, author="ada", now=now())
        deliver()
        Receiver.objects.update(replaced_at=now() - receivers.BOTH_SIGN)
        receivers.known.forget()
        deliver()
    during, after = server.requests
    for secret in (old, new):
        assert Verifier(secret).verify(during.body, during.headers)
    assert Verifier(new).verify(after.body, after.headers)
    assert " " not in after.headers["webhook-signature"]


def test_a_step_has_to_name_a_receiver_that_is_there():
    webhook = channels()["webhook"]
    assert "none yet" in webhook.faults(STEP)["receiver"]
    receiver(9)
    assert webhook.faults(STEP) == {}
    receivers.disable(receiver="crm", why="moved", now=NOON, actor="ada")
    assert webhook.faults(STEP) == {"receiver": "is disabled: moved"}


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("0", timedelta(0)),
        ("90", timedelta(seconds=90)),
        ("999999999999999", timedelta(days=1)),
        ("Mon, 23 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 23 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Mon, 23 Nov 2026 12:05:00 -0000", timedelta(minutes=5)),
        ("tomorrow", None),
        ("", None),
        ("²", None),
        ("-5", None),
    ],
)
def test_it_reads_a_retry_after(asked, waited):
    assert wait(asked, now=NOON) == waited
