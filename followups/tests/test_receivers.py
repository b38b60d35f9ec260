"""Receivers: what may be made, and that every process knows within a second."""

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from followups import receivers
from followups.models import Receiver
from followups.receivers import ReceiverError
from followups.tests.test_webhook import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_known():
    receivers.known.forget()


def made(**changes) -> Receiver:
    """A public one."""
    given = {"name": "crm", "url": "https://hooks.example/in", "author": "ada", "now": NOON}
    return receivers.create(**{**given, **changes})[0]


def test_a_name_is_taken_once():
    made()
    with pytest.raises(ReceiverError, match="named 'crm' already") as caught:
        made(name=" crm ")
    assert caught.value.field == "name"


def test_an_address_that_is_none_is_refused():
    for changes in ({"url": "http://hooks.example"}, {"private": True}):
        with pytest.raises(ReceiverError):
            made(**changes)
    crm = made()
    with pytest.raises(ReceiverError):
        receivers.change(
            receiver=crm, url="ftp://x", private=False, gets_contact=False, deduplicates=True, author="ada"
        )


def test_it_is_read_once_a_second_and_at_once_after_a_change(django_assert_num_queries):
    crm = made()
    with django_assert_num_queries(1):
        for _ in range(100):
            assert receivers.known.get("crm") == crm
    receivers.disable(receiver="crm", why="moved", now=NOON, actor="ada")
    assert receivers.known.get("crm").disabled_at == NOON
    assert receivers.known.get("nobody") is None


def test_one_that_is_disabled_keeps_its_first_reason():
    crm = made()
    receivers.disable(receiver="crm", why="HTTP 410", now=NOON, actor="its own answer")
    receivers.disable(receiver="crm", why="again", now=now(), actor="its own answer")
    crm.refresh_from_db()
    assert (crm.disabled_at, crm.disabled_why) == (NOON, "HTTP 410")


def test_what_is_personal_in_a_reason_is_not_kept():
    made()
    receivers.disable(receiver="crm", why="ask ada@example.org", now=NOON, actor="ada")
    assert Receiver.objects.get().disabled_why == "ask [EMAIL]"


def test_a_replaced_secret_signs_for_a_day_more():
    crm = made()
    old = crm.secrets["current"]
    new = receivers.replace_secret(receiver=crm, author="ada", now=NOON)
    crm.refresh_from_db()
    assert receivers.secrets_of(crm, now=NOON) == (new, old)
    assert receivers.secrets_of(crm, now=NOON + receivers.BOTH_SIGN) == (new,)


def test_the_database_keeps_them_whole():
    made()
    for change in ({"disabled_at": NOON}, {"disabled_why": "x"}, {"name": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Receiver.objects.update(**change)
