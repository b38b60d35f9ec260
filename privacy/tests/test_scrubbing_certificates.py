"""Certificates of scrubs: signed, append-only, and found out when somebody changed them."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from privacy.models import ScrubRun
from privacy.scrubbing import certificates, running
from privacy.scrubbing.running import Plan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey_server")]


def scrub(**options: Any) -> str:
    """What the command says."""
    return str(call_command("scrub_history", verbosity=0, stdout=StringIO(), **options))


def test_postgres_refuses_to_change_or_remove_a_certificate():
    run = running.run(Plan(), actor="ada").certificate
    for change in (lambda: ScrubRun.objects.update(values_changed=0), run.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_certificate_that_was_tampered_with_is_found_out():
    run = running.run(Plan(), actor="ada").certificate
    assert "The signature holds." in scrub(verify=run.pk)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE privacy_scrubrun DISABLE TRIGGER privacy_scrubrun_append_only")
        cursor.execute("UPDATE privacy_scrubrun SET unscrubbable = unscrubbable + 1")
    with pytest.raises(CommandError, match="does NOT hold") as failed:
        scrub(verify=run.pk)
    assert failed.value.returncode == 4


def test_every_figure_of_a_certificate_is_signed():
    run = running.run(Plan(), actor="ada").certificate
    run.refresh_from_db()
    assert certificates.holds(run)
    for field in ScrubRun._meta.concrete_fields:
        if field.attname not in certificates.UNSIGNED:
            value = getattr(run, field.attname)
            setattr(run, field.attname, {"x": 1} if isinstance(value, dict) else "forged")
            assert not certificates.holds(run), field
            setattr(run, field.attname, value)


def test_a_certificate_holds_after_the_key_was_changed(settings):
    run = running.run(Plan(), actor="ada").certificate
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another " * 8
    assert certificates.holds(run)
    settings.SECRET_KEY_FALLBACKS = []
    assert not certificates.holds(run)
