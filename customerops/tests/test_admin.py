"""Keys in the admin, and the page at /."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from customerops.api import auth
from customerops.api.problems import Problem
from customerops.models import ApiKey
from customerops.tests.cast import key, serve

pytestmark = pytest.mark.django_db
KEYS = "/admin/customerops/apikey/"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada", password="x"))
    return client


def test_a_new_key_is_shown_once(operator):
    made = operator.post(f"{KEYS}add/", {"name": "crm", "scopes": ["read", "write"]}, follow=True)
    [message] = [str(message) for message in made.context["messages"] if "The key of" in str(message)]
    shown = message.split(" is ")[1].split(".")
    api_key = f"{shown[0]}.{shown[1]}"
    assert auth.caller_of(api_key).scopes == {"read", "write"}
    assert api_key not in operator.get(KEYS).content.decode()


def test_a_key_needs_a_scope(operator):
    operator.post(f"{KEYS}add/", {"name": "crm"})
    assert not ApiKey.objects.exists()


def test_a_key_can_be_changed_without_becoming_another(operator):
    good = key("read")
    row = ApiKey.objects.get()
    operator.post(
        reverse("admin:customerops_apikey_change", args=[row.pk]), {"name": "new", "scopes": ["ops"]}
    )
    caller = auth.caller_of(good)
    assert (caller.name, caller.scopes) == ("new", frozenset({"ops"}))


def test_keys_are_revoked_and_stay_visible(operator):
    good = key("read", expiry_date=now() + timedelta(days=1))
    row = ApiKey.objects.get()
    answer = operator.post(KEYS, {"action": "revoke", "_selected_action": [row.pk]}, follow=True)
    assert "1 revoked" in answer.content.decode()
    with pytest.raises(Problem):
        auth.caller_of(good)
    assert operator.get(reverse("admin:customerops_apikey_change", args=[row.pk])).status_code == 200
    assert operator.get(reverse("admin:customerops_apikey_delete", args=[row.pk])).status_code == 403


def test_the_librarys_own_keys_are_not_offered(operator):
    assert "rest_framework_api_key" not in operator.get("/admin/").content.decode()


def test_the_first_page_leads_on_and_tells_how_the_loop_stands():
    page = Client().get("/").content.decode()
    assert "no_model" in page
    version = serve()
    page = Client().get("/").content.decode()
    assert str(version) in page
    for door in ("/docs", "/v1/openapi.json", "/admin/", "/metrics"):
        assert f'href="{door}"' in page


def test_the_first_page_stands_without_postgres(monkeypatch):
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr("customerops.landing.registry.champion", away)
    answer = Client().get("/")
    assert answer.status_code == 200
    assert "cannot be reached" in answer.content.decode()


def test_the_front_of_the_admin_tells_how_the_loop_stands_and_puts_leads_first(operator):
    version = serve()
    text = operator.get("/admin/").content.decode()
    assert f"Version {version} serves" in text
    main = text[text.index('id="content-main"') :]
    order = [main.index(f"app-{name} ") for name in ("leads", "modeling", "customerops", "auth")]
    assert order == sorted(order)
    assert "?stands=open" in text


def test_scopes_are_told_in_words_where_a_key_is_made(operator):
    text = operator.get(f"{KEYS}add/").content.decode()
    assert text.count('name="scopes"') == len(ApiKey.Scope.values)
    assert "rollback" in text
