"""From a due step to a mailbox or a receiver, through the dispatcher as it runs, and what comes back."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from standardwebhooks import Webhook as Verifier

from followups import policies, receivers
from followups.models import Policy, Receiver
from followups.outbound import smtp
from followups.tests.cast import ADA, HOUR, NOON, dispatch, lead, steps, switch
from followups.tests.post_office import hang_up, misbehaving, post_office
from followups.tests.test_webhook import receiver
from followups.tests.web_sinks import answering, hanging_up, sink
from leads.models import Lead

pytestmark = pytest.mark.django_db(transaction=True)
LATER, MUCH_LATER = NOON + HOUR, NOON + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _set_up(settings):
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    settings.FOLLOWUP_FROM, settings.PUBLIC_URL = "ben@shop.example", "https://ops.example"
    settings.FOLLOWUP_PRIVATE_RECEIVERS = ["127.0.0.0/8"]
    receivers.known.forget()


def following_up(channel: str, *delays: str, name: str = "nudge", **step) -> None:
    """A policy that is on, with as many messages a day as it likes."""
    given = {
        "channel": channel,
        "subject": 'Hello {{ first_name|default:"there" }}',
        "body": "Still there?",
        **step,
    }
    document = {
        "steps": [{"after": delay, **given} for delay in delays or ("30m",)],
        "caps": {"lead_per_day": 9},
    }
    version = policies.create(name=name, document=document, author="ada", now=NOON)
    switch(version.policy, on=True)


def told(row) -> tuple[str, str, str]:
    """How a step stands."""
    return row.status, row.reason, row.receipt or row.detail


def test_who_unsubscribes_by_the_link_in_the_mail_hears_no_more(settings):
    with post_office() as box:
        settings.EMAIL_PORT = box.port
        following_up("email", "30m", "2h")
        ada = lead()
        following_up("email", "31m", "2h", name="again")
        switch(Policy.objects.get(name="nudge"), on=False)
        again = lead(contact=ADA)  # the person's other lead, in another policy
        switch(Policy.objects.get(name="nudge"), on=True)
        dispatch(LATER)
        first, _ = (found.message for found in box.delivered)
        assert (first["To"], first["Subject"]) == (ADA["email"], "Hello Ada")
        link = re.search(r"https://\S+/unsubscribe/\S+", first.get_content())[0]
        assert first["List-Unsubscribe"].strip() == f"<{link}>"
        Client().post(urlsplit(link).path, {"List-Unsubscribe": "One-Click"})
        dispatch(MUCH_LATER)
        smtp.hang_up()
    assert len(box.delivered) == 2
    for one in (ada, again):
        assert [row.status for row in steps(lead=one)] == ["sent", "cancelled"]
        assert steps(lead=one)[1].reason == "opted_out"


def test_a_mail_that_may_have_arrived_is_not_sent_again(settings):
    with misbehaving(text=hang_up) as server:
        settings.EMAIL_PORT = server.port
        following_up("email")
        lead()
        assert dispatch(LATER) == {"in_doubt": 1}
        dispatch(MUCH_LATER)
    assert server.heard.count("DATA") == 1
    assert told(*steps()) == ("in_doubt", "no_answer", "the server did not confirm that it has the message")


def test_a_mail_server_that_asks_to_come_again_is_asked_again(settings):
    with misbehaving(rcpt="451 4.7.1 greylisted") as server:
        settings.EMAIL_PORT = server.port
        following_up("email")
        lead()
        dispatch(LATER)
        [row] = steps()
        assert told(row) == ("pending", "retry", "the mail server answered 451, 4.7.1")
        server.replies = {**server.replies, "RCPT": "250 ok"}
        dispatch(row.due_at)
    assert told(*steps()) == ("sent", "", "the mail server took it")


def test_a_lead_without_an_address_fails_and_says_so(settings):
    settings.EMAIL_PORT = 9
    following_up("email")
    lead(contact={"phone": "+49 731 1234567"})
    dispatch(LATER)
    assert told(*steps()) == ("failed", "no_address", "the lead has no e-mail address")


@pytest.mark.parametrize("talk", [answering("500 Oops"), hanging_up], ids=["refused", "no answer"])
def test_a_webhook_is_repeated_under_the_same_id_until_it_is_taken(talk):
    with sink(talk) as server:
        _, secret = receiver(server.port)
        following_up("webhook", receiver="crm")
        lead()
        dispatch(LATER)
        [row] = steps()
        assert (row.status, row.due_at - LATER < timedelta(seconds=10)) == ("pending", True)
        server.talk = answering()
        dispatch(row.due_at)
    assert told(*steps()) == ("sent", "", "HTTP 204")
    ids = {request.headers["webhook-id"] for request in server.requests}
    assert (len(server.requests), ids) == (2, {str(row.pk)})
    assert len({request.body for request in server.requests}) == 1
    assert Verifier(secret).verify(server.requests[1].body, server.requests[1].headers)


def test_one_that_acts_twice_is_not_told_twice():
    with sink(hanging_up) as server:
        receiver(server.port, deduplicates=False)
        following_up("webhook", receiver="crm")
        lead()
        assert dispatch(LATER) == {"in_doubt": 1}
        dispatch(MUCH_LATER)
    assert len(server.requests) == 1


def test_what_may_have_arrived_is_not_told_to_whoever_the_receiver_is_now():
    with sink(hanging_up) as before, sink() as since:
        crm, _ = receiver(before.port)
        following_up("webhook", receiver="crm")
        lead()
        assert dispatch(LATER) == {"retry": 1}
        moved = crm.url.replace(str(before.port), str(since.port))
        receivers.change(
            receiver=crm, url=moved, private=True, gets_contact=False, deduplicates=True, author="ada"
        )
        dispatch(MUCH_LATER - HOUR)
    assert (len(before.requests), since.requests) == (1, [])
    assert told(*steps())[:2] == ("in_doubt", "no_answer")


def test_a_receiver_that_is_gone_is_told_once_and_never_again():
    with sink(answering("410 Gone")) as server:
        receiver(server.port)
        following_up("webhook", "30m", "2h", receiver="crm")
        lead()
        dispatch(LATER)
        dispatch(MUCH_LATER)
    assert len(server.requests) == 1
    assert Receiver.objects.get().disabled_why == "HTTP 410: the receiver wants no more"
    assert [told(row) for row in steps()] == [
        ("failed", "refused", "HTTP 410: the receiver wants no more"),
        ("failed", "unsendable", "the receiver crm is disabled"),
    ]


def test_a_receiver_gets_who_it_is_about_and_no_more_than_it_may():
    with sink() as server:
        receiver(server.port)
        following_up("webhook", receiver="crm", body="A lead waits")
        lead(external_id="web-17")
        dispatch(LATER)
    [request] = server.requests
    assert b"web-17" in request.body
    assert str(Lead.objects.get().pk).encode() in request.body
    assert ADA["email"].encode() not in request.body
