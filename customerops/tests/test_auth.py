"""Keys at the door."""

import logging
import time
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.test import Client
from django.utils.timezone import now

from customerops.api import auth
from customerops.models import ApiKey
from customerops.tests.cast import ADA, client, key, post

pytestmark = pytest.mark.django_db


def leads(api_key: str | None, query: str = ""):
    headers = {"x-api-key": api_key} if api_key else {}
    return Client(headers=headers, raise_request_exception=False).get(f"/v1/leads{query}")


def test_a_good_key_opens():
    assert leads(key("read")).status_code == 200


@pytest.mark.parametrize("wrong", [None, "", "x", "abcdefgh.wrong", "a" * 5000, "ä" * 40])
def test_no_key_and_unknown_keys_get_401_with_a_challenge(wrong):
    answer = leads(wrong)
    assert answer.status_code == 401
    assert "x-api-key" in answer["WWW-Authenticate"]
    assert answer["Content-Type"] == "application/problem+json"


def test_the_prefix_alone_or_another_secret_does_not_open():
    good = key("read")
    assert leads(good[:-1] + ("a" if good[-1] != "a" else "b")).status_code == 401
    assert leads(good.partition(".")[0] + ".").status_code == 401


def test_expired_and_revoked_keys_get_401():
    assert leads(key("read", expiry_date=now() - timedelta(seconds=1))).status_code == 401
    assert leads(key("read", revoked=True)).status_code == 401


def test_a_key_that_expires_while_it_is_believed_is_refused(monkeypatch):
    good = key("read", expiry_date=now() + timedelta(hours=1))
    assert leads(good).status_code == 200
    monkeypatch.setattr("time.time", lambda: (now() + timedelta(hours=2)).timestamp())
    ApiKey.objects.update(expiry_date=now() - timedelta(seconds=1))
    assert leads(good).status_code == 401


def test_a_missing_scope_gets_403_that_names_it():
    answer = post(client("read", "ops"), "/v1/leads", ADA)
    assert answer.status_code == 403
    assert "'write'" in answer.json()["detail"]


def test_a_method_the_view_lacks_gets_405_whatever_the_scope():
    assert client("read").delete("/v1/leads").status_code == 405
    assert client("read").options("/v1/leads").status_code == 405


@pytest.mark.parametrize("name", ["x-api-key", "api_key", "apikey", "API-Key", "key", "token"])
def test_a_key_in_the_url_is_refused_and_not_logged(name, caplog):
    good = key("read")
    with caplog.at_level(logging.DEBUG):
        answer = leads(good, f"?{name}={good}")
    assert answer.status_code == 401
    assert "URL" in answer.json()["detail"]
    assert good not in caplog.text
    assert good not in answer.content.decode()


def test_a_key_in_the_url_is_known_by_its_shape():
    good = key("read")
    assert leads(good, f"?source={good}").status_code == 401


def test_a_believed_key_costs_no_query(django_assert_num_queries):
    good = key("read")
    auth.caller_of(good)
    with django_assert_num_queries(0):
        assert auth.caller_of(good).scopes == {"read"}


def test_a_revoked_key_is_refused_once_it_is_believed_no_longer(monkeypatch):
    good = key("read")
    assert leads(good).status_code == 200
    ApiKey.objects.update(revoked=True)
    later = time.monotonic() + auth.BELIEVED_FOR
    monkeypatch.setattr("time.monotonic", lambda: later)
    assert leads(good).status_code == 401
    assert auth.BELIEVED_FOR <= 2


def test_without_postgres_a_believed_key_works_and_others_get_503(monkeypatch):
    good, other = key("read"), key("read")
    auth.caller_of(good)

    def away(key: str) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(auth, "_row_of", away)
    assert post(Client(headers={"x-api-key": good}), "/v1/predict", {}).status_code == 200
    answer = post(Client(headers={"x-api-key": other}), "/v1/predict", {})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"


def test_an_outage_of_postgres_is_outlived_for_an_hour(monkeypatch):
    good = key("read")
    auth.caller_of(good)
    verified_at = time.monotonic()

    def away(key: str) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(auth, "_row_of", away)
    caller = Client(headers={"x-api-key": good})
    monkeypatch.setattr("time.monotonic", lambda: verified_at + auth.BELIEVED_IN_OUTAGE - 1)
    assert post(caller, "/v1/predict", {}).status_code == 200
    monkeypatch.setattr("time.monotonic", lambda: verified_at + auth.BELIEVED_IN_OUTAGE + 2)
    assert post(caller, "/v1/predict", {}).status_code == 503


def test_a_fault_of_ours_is_no_401(monkeypatch):
    def broken(key: str) -> None:
        raise ImproperlyConfigured

    monkeypatch.setattr(auth, "_row_of", broken)
    assert post(client("read"), "/v1/predict", {}).status_code == 500


def test_keys_are_not_kept_in_memory():
    good = key("read")
    auth.caller_of(good)
    assert good not in repr(auth._believed)
