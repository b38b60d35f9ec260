"""Receivers in the admin: a secret is shown once, a test is really delivered, a button is no link."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from standardwebhooks import Webhook as Verifier

from followups import receivers
from followups.models import Receiver
from followups.tests.test_webhook import NOON, receiver
from followups.tests.web_sinks import answering, sink

pytestmark = pytest.mark.django_db
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture(autouse=True)
def _private_receivers(settings):
    settings.FOLLOWUP_PRIVATE_RECEIVERS = ["127.0.0.0/8"]
    receivers.known.forget()


def staff(*permissions: str) -> Client:
    """Somebody of the staff who may do this much."""
    user = get_user_model().objects.create_user("ada", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, view: str, /, *args: object, **data: object):
    """As a browser gets it in the end; with `data` it posts."""
    address = reverse(f"admin:followups_receiver_{view}", args=args)
    return client.post(address, data, follow=True) if data else client.get(address)


GIVEN = {"name": "crm", "url": "https://hooks.example/in?key=17", "deduplicates": "on"}


def test_a_new_receiver_shows_its_secret_once(admin_client):
    made = page(admin_client, "add", **GIVEN)
    [secret] = set(SECRET.findall(made.text))
    crm = Receiver.objects.get()
    assert (crm.secrets, crm.created_by, crm.deduplicates) == ({"current": secret}, "admin", True)
    for name, args in (("change", [crm.pk]), ("changelist", [])):
        assert not SECRET.search(page(admin_client, name, *args).text)


def test_the_database_does_not_hold_the_secret_in_the_clear(admin_client):
    page(admin_client, "add", **GIVEN)
    [[stored]] = Receiver.objects.extra(select={"raw": "secrets"}).values_list("raw")
    assert b"whsec_" not in bytes(stored)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "http://hooks.example/"}, "must start with https://"),
        ({"url": "https://ada:pw@hooks.example/"}, "neither a user, nor a password"),
        ({"url": "ftp://x"}, "must start with https://"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_refused(admin_client, changes, said):
    assert said in page(admin_client, "add", **{**GIVEN, **changes}).text
    assert not Receiver.objects.exists()


def test_one_that_is_private_needs_the_setting(admin_client, settings):
    settings.FOLLOWUP_PRIVATE_RECEIVERS = []
    assert "FOLLOWUP_PRIVATE_RECEIVERS" in page(admin_client, "add", **GIVEN, private="on").text


def test_a_name_is_taken_once_and_stays(admin_client):
    page(admin_client, "add", **GIVEN)
    assert "already exists" in page(admin_client, "add", **GIVEN).text
    crm = Receiver.objects.get()
    page(admin_client, "change", crm.pk, name="other", url="https://new.example/", gets_contact="on")
    crm.refresh_from_db()
    assert (crm.name, crm.url, crm.gets_contact, crm.deduplicates) == (
        "crm",
        "https://new.example/",
        True,
        False,
    )


def test_a_test_is_delivered_and_its_answer_shown(admin_client):
    with sink(answering("200 OK", body=b"<b>thanks</b>")) as server:
        crm, secret = receiver(server.port)
        shown = page(admin_client, "test", crm.pk, go="1").text
    [request] = server.requests
    assert Verifier(secret).verify(request.body, request.headers)["type"] == "receiver.test"
    assert json.loads(request.body)["data"] == {"receiver": "crm"}
    assert "answered HTTP 200" in shown
    assert "it takes messages" in shown
    assert "&lt;b&gt;thanks&lt;/b&gt;" in shown


@pytest.mark.parametrize("status", ["302 Found", "500 Oops", "410 Gone"])
def test_a_refusal_is_shown_and_changes_nothing(admin_client, status):
    with sink(answering(status)) as server:
        crm, _ = receiver(server.port)
        shown = page(admin_client, "test", crm.pk, go="1").text
    assert "would not count as delivered" in shown
    crm.refresh_from_db()
    assert crm.disabled_at is None


def test_it_says_when_nobody_answers(admin_client):
    with sink() as server:
        crm, _ = receiver(server.port)
    assert "No answer after" in page(admin_client, "test", crm.pk, go="1").text


def test_an_answer_from_inside_cannot_be_read_through_a_public_receiver(admin_client):
    with sink() as server:
        url = f"https://localhost:{server.port}/"
        crm, _ = receivers.create(name="crm", url=url, author="ada", now=NOON)
        assert "private network" in page(admin_client, "test", crm.pk, go="1").text
    assert server.connections == 0


def test_a_secret_that_no_key_opens_is_said_and_can_be_replaced(admin_client, settings):
    with sink() as server:
        crm, _ = receiver(server.port)
        settings.CONTACT_ENCRYPTION_KEYS = ["pQnlvbm8uoWGzNqIh9b6pOKG9pUkZyYVXvL8XzKJm8w="]
        assert page(admin_client, "changelist").status_code == 200
        assert "CONTACT_ENCRYPTION_KEYS" in page(admin_client, "test", crm.pk, go="1").text
        page(admin_client, "replace", crm.pk, go="1")
        assert "it takes messages" in page(admin_client, "test", crm.pk, go="1").text


def test_replacing_shows_the_new_secret_once(admin_client):
    crm, old = receiver(9)
    [new] = set(SECRET.findall(page(admin_client, "replace", crm.pk, go="1").text))
    crm.refresh_from_db()
    assert crm.secrets == {"current": new, "previous": old}
    assert not SECRET.search(page(admin_client, "change", crm.pk).text)


def test_it_is_disabled_with_a_reason_and_enabled_again(admin_client):
    crm, _ = receiver(9)
    assert "moved out" in page(admin_client, "disable", crm.pk, why="moved out").text
    assert "moved out" in page(admin_client, "changelist").text
    page(admin_client, "enable", crm.pk, go="1")
    crm.refresh_from_db()
    assert (crm.disabled_at, crm.disabled_why) == (None, "")


@pytest.mark.parametrize("button", ["test", "replace", "disable", "enable"])
def test_a_button_is_no_link_and_not_for_those_who_only_look(button):
    crm, _ = receiver(9)
    looking = staff("view_receiver")
    assert page(looking, button, crm.pk, go="1").status_code == 403
    assert "Send a test" not in page(looking, "change", crm.pk).text
    looking.logout()
    get_user_model().objects.all().delete()
    changing = staff("change_receiver")
    assert page(changing, button, crm.pk).status_code == 405
    assert page(changing, "test", 0, go="1").status_code == 404


def test_nobody_deletes_what_policies_name(admin_client):
    crm, _ = receiver(9)
    assert page(admin_client, "delete", crm.pk).status_code == 403
