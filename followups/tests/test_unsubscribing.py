"""The link in an e-mail: whose it is, who can read it, and that one press is enough, for every lead."""

import json
import re
import socket
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from customerops import intake
from followups import enrolling, unsubscribing
from followups.models import Enrolment
from followups.tests.test_enrolling import policy
from followups.unsubscribing import lead_of, token_for, url_for
from leads.models import Lead, OptOut
from leads.services import NewLead
from privacy.digests import Name, digest

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def _no_policy_of_another_test():
    enrolling.known.forget()
    yield
    enrolling.known.forget()


def lead(email: str | None = ADA, **fields) -> Lead:
    """One that came in."""
    contact = {"email": email} if email else None
    return intake.receive(leads=[NewLead(contact=contact, **fields)], now=NOON)[0].lead


def page(token: str, method: str = "get", **headers):
    """As a browser or a mail program asks, with CSRF checks on."""
    client = Client(enforce_csrf_checks=True)
    data = {"data": {"List-Unsubscribe": "One-Click"}} if method == "post" else {}
    return getattr(client, method)(f"/unsubscribe/{token}", **data, headers=headers)


@given(st.uuids())
def test_a_link_is_of_one_lead_and_does_not_tell_which(one):
    token = token_for(one)
    assert lead_of(token) == one
    assert token_for(one) == token
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert str(one) not in token


@given(st.uuids(), st.integers(0, 42), st.sampled_from("abcXYZ019-_"))
def test_a_link_that_was_changed_is_nobodys(one, place, sign):
    token = token_for(one)
    changed = token[:place] + sign + token[place + 1 :]
    # the last sign has bits that mean nothing
    assert lead_of(changed) in ((one,) if changed == token or place == 42 else (None,)) or place == 42


@given(st.text(max_size=60))
def test_no_text_that_is_none_opens_anything(text):
    assert lead_of(text) is None


def test_links_outlive_the_key_while_it_is_listed(settings):
    one, earlier = uuid4(), settings.SECRET_KEY
    token = token_for(one)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key", [earlier]
    assert lead_of(token) == one
    assert token_for(one) != token
    settings.SECRET_KEY_FALLBACKS = []
    assert lead_of(token) is None


def test_the_link_is_the_address_of_the_page(settings):
    one = uuid4()
    assert url_for(one) == ""
    settings.PUBLIC_URL = "https://ops.example"
    assert url_for(one) == "https://ops.example" + reverse("unsubscribe", args=[token_for(one)])


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(method):
    ada = lead()
    answer = page(token_for(ada.pk), method)
    ada.refresh_from_db()
    assert (answer.status_code, ada.opted_out_at) == (200, None)


@pytest.mark.django_db
def test_one_press_is_enough_and_a_second_does_no_harm():
    ada = lead()
    for _ in range(2):
        answer = page(token_for(ada.pk), "post")
        assert answer.status_code == 200
        assert "You are unsubscribed" in answer.text
        assert not answer.cookies
    first = Lead.objects.get(pk=ada.pk).opted_out_at
    assert first is not None


@pytest.mark.django_db
def test_a_mail_program_posts_without_a_cookie():
    ada = lead()
    assert page(token_for(ada.pk), "post", origin="https://mail.example").status_code == 200
    assert Lead.objects.get().opted_out_at


@pytest.mark.django_db
def test_the_person_hears_from_no_other_lead_either():
    ada, again, other = lead(), lead("ADA@example.org "), lead("ben@example.org")
    page(token_for(ada.pk), "post")
    assert Lead.objects.get(pk=again.pk).opted_out_at
    assert Lead.objects.get(pk=other.pk).opted_out_at is None


@pytest.mark.django_db
def test_a_lead_that_comes_in_later_is_opted_out_from_the_start():
    policy()
    page(token_for(lead().pk), "post")
    Lead.objects.all().delete()  # retention, or an erasure
    later = lead()
    assert later.opted_out_at
    assert Lead.objects.get().opted_out_at == later.opted_out_at
    assert not Enrolment.objects.exists()


@pytest.mark.django_db
def test_leads_known_by_an_earlier_key_are_theirs_too(settings):
    lead()
    settings.SUBJECT_KEYS = ["a-new-key-that-is-long-enough-to-be-one", *settings.SUBJECT_KEYS]
    newer = lead()
    assert len(set(Lead.objects.values_list("email_digest", flat=True))) == 2
    page(token_for(newer.pk), "post")
    assert not Lead.objects.filter(opted_out_at=None).exists()
    assert OptOut.objects.count() == 2


@pytest.mark.django_db
def test_a_lead_without_an_address_goes_alone():
    cleo, other = lead(None), lead(None)
    page(token_for(cleo.pk), "post")
    assert Lead.objects.get(pk=cleo.pk).opted_out_at
    assert Lead.objects.get(pk=other.pk).opted_out_at is None
    assert not OptOut.objects.exists()


@pytest.mark.django_db
def test_a_contact_that_no_key_opens_is_no_obstacle():
    ada, again = lead(), lead()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET contact = 'broken'")
    assert page(token_for(ada.pk), "post").status_code == 200
    assert Lead.objects.defer("contact").get(pk=again.pk).opted_out_at


@pytest.mark.django_db
def test_an_erased_person_sees_the_same_page():
    gone = token_for(UUID(int=7))
    assert page(gone, "post").text == page(token_for(lead().pk), "post").text
    assert page(gone).status_code == 200


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00" * 5, "ü" * 43, "x" * 5000])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_was_made_up_says_so(token, method):
    answer = page(token, method)
    assert answer.status_code == 404
    assert "This link does not work" in answer.text
    assert "<form" not in answer.text


@pytest.mark.django_db
def test_nothing_personal_is_on_the_page_or_in_the_log(caplog):
    ada = lead(external_id="web-17")
    told = page(token_for(ada.pk)).text + page(token_for(ada.pk), "post").text
    assert not [one for one in (ADA, "web-17", str(ada.pk), token_for(ada.pk)) if one in told]
    written = json.dumps([str(record.msg) for record in caplog.records])
    assert "unsubscribed" in written
    assert not [
        one for one in (ADA, "web-17", token_for(ada.pk), str(digest(Name.EMAIL, ADA))) if one in written
    ]


@pytest.mark.django_db
def test_it_works_while_redis_is_away(settings):
    ada = lead()
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        settings.REDIS_URL = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
    assert page(token_for(ada.pk), "post").status_code == 200


def test_while_postgres_is_away_it_asks_to_try_again(monkeypatch):
    def away(**asked):
        raise OperationalError

    monkeypatch.setattr(unsubscribing, "unsubscribe", away)
    answer = page(token_for(uuid4()), "post")
    assert answer.status_code == 503
    assert "<form" in answer.text


@pytest.mark.django_db
def test_the_page_can_be_used_by_everybody_and_is_remembered_by_nobody():
    answer = page(token_for(uuid4()))
    text = answer.text
    assert '<html lang="en">' in text
    assert "<title>Unsubscribe</title>" in text
    assert len(re.findall(r"<h1>", text)) == len(re.findall(r"<button", text)) == 1
    assert "<script" not in text
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "form-action 'self'" in answer["Content-Security-Policy"]
    assert page(token_for(uuid4()), "put").status_code == 405
