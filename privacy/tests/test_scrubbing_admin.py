"""Certificates in the admin: read by whoever may, changed by nobody."""

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from privacy.models import ScrubRun
from privacy.scrubbing import running
from privacy.scrubbing.running import Plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey_server")]
LIST = "admin:privacy_scrubrun_changelist"


@pytest.fixture
def run() -> ScrubRun:
    return running.run(Plan(stores=("postgres",)), actor="ada").certificate


def signed_in(*permissions: str, is_superuser: bool = False) -> Client:
    """Somebody who may do this."""
    user = User.objects.create(username="officer", is_staff=True, is_superuser=is_superuser)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_it_shows_that_a_signature_holds(run):
    page = signed_in("view_scrubrun").get(reverse("admin:privacy_scrubrun_change", args=[run.pk]))
    assert page.status_code == 200
    assert b"icon-yes" in page.content
    assert run.signature.encode() in page.content


def test_it_shows_that_a_signature_does_not_hold(run):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE privacy_scrubrun DISABLE TRIGGER privacy_scrubrun_append_only")
        cursor.execute("UPDATE privacy_scrubrun SET actor = 'eve'")
    assert b"icon-no" in signed_in("view_scrubrun").get(reverse(LIST)).content


def test_nobody_adds_changes_or_removes_one(run):
    client = signed_in(is_superuser=True)
    assert client.get(reverse("admin:privacy_scrubrun_add")).status_code == 403
    change = reverse("admin:privacy_scrubrun_change", args=[run.pk])
    assert client.post(change, {"actor": "eve"}).status_code == 403
    assert client.post(reverse("admin:privacy_scrubrun_delete", args=[run.pk])).status_code == 403


def test_who_may_not_look_sees_nothing(run):
    assert signed_in().get(reverse(LIST)).status_code == 403
