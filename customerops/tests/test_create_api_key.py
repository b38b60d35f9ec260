"""`manage.py create_api_key`, and the first credentials of `make up`."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from customerops import credentials
from customerops.api import auth
from customerops.api.problems import Problem
from customerops.models import ApiKey

pytestmark = pytest.mark.django_db


def made(*words: str) -> str:
    return str(call_command("create_api_key", *words))


def test_the_key_it_prints_opens_with_its_scopes_and_only_its_hash_is_kept():
    key = made("crm", "--scopes", "read, write,read")
    caller = auth.caller_of(key)
    assert (caller.name, caller.scopes) == ("crm", frozenset({"read", "write"}))
    row = ApiKey.objects.get()
    assert row.expiry_date is None
    assert key.partition(".")[2] not in repr(vars(row))


def test_without_scopes_it_may_only_read():
    assert auth.caller_of(made("crm")).scopes == {"read"}


@pytest.mark.parametrize(
    ("text", "span"),
    [("12h", timedelta(hours=12)), ("90d", timedelta(days=90)), ("4w", timedelta(weeks=4))],
)
def test_a_key_expires_when_it_was_told_to(text, span):
    before = now() + span
    made("crm", "--expires-in", text)
    assert before <= ApiKey.objects.get().expiry_date <= now() + span


def test_a_revoked_key_opens_nothing_any_more():
    key = made("crm")
    prefix = key.partition(".")[0]
    assert made("--revoke", prefix) == f"Key {prefix} is revoked."
    with pytest.raises(Problem) as refused:
        auth.caller_of(key)
    assert refused.value.status == 401
    with pytest.raises(CommandError, match=f"no usable key begins with {prefix}"):
        made("--revoke", prefix)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name the key's owner"),
        (["crm", "--scopes", "read,admin,root"], "not admin, root"),
        (["crm", "--scopes", " , "], "not nothing"),
        (["crm", "--expires-in", "soon"], "takes 12h, 90d or 4w, not soon"),
        (["crm", "--expires-in", "0d"], "takes 12h, 90d or 4w, not 0d"),
        (["x" * 51], "50 characters"),
        (["--revoke", "nobody"], "no usable key begins with nobody"),
    ],
)
def test_nonsense_is_refused_with_a_sentence_and_makes_no_key(words, sentence):
    with pytest.raises(CommandError, match=sentence):
        made(*words)
    assert not ApiKey.objects.exists()


def test_the_first_admin_is_made_once_and_may_log_in():
    password = credentials.first_admin()
    assert authenticate(username=credentials.ADMIN, password=password).is_superuser
    assert credentials.first_admin() is None


def test_no_admin_is_made_beside_another():
    get_user_model().objects.create_superuser("ada", password="x")
    assert credentials.first_admin() is None
    assert not get_user_model().objects.filter(username=credentials.ADMIN).exists()


def test_the_first_key_is_made_once_with_every_scope():
    assert auth.caller_of(credentials.first_key()).scopes == {"read", "write", "ops"}
    assert credentials.first_key() is None


def test_a_replaced_key_ends_those_of_its_name_and_no_other():
    other = made("crm")
    earlier = credentials.replace_key(name="demo", scopes=["write"])
    later = credentials.replace_key(name="demo", scopes=["write"])
    assert auth.caller_of(later).scopes == {"write"}
    assert auth.caller_of(other).name == "crm"
    with pytest.raises(Problem):
        auth.caller_of(earlier)
