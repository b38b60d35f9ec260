"""Contact details: cipher text in the database and in every dump, readable with each key still listed."""

import io
import logging

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, transaction

from leads.models import Lead
from privacy import encryption

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+49 731 1234"}


@pytest.fixture
def keys(settings):
    settings.CONTACT_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    return settings.CONTACT_ENCRYPTION_KEYS


def stored() -> bytes:
    """The row as Postgres has it, every column of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT convert_to(leads_lead::text, 'UTF8'), contact FROM leads_lead")
        row, contact = cursor.fetchone()
    return bytes(row) + bytes(contact or b"")


def test_the_database_holds_cipher_text_and_python_the_contact(keys):
    lead = Lead.objects.create(contact=ADA)
    assert not [word for word in ADA.values() if word.encode() in stored()]
    assert Lead.objects.get(pk=lead.pk).contact == ADA


def test_the_same_contact_twice_looks_different(keys):
    field = Lead._meta.get_field("contact")
    assert field.get_prep_value(ADA) != field.get_prep_value(ADA)


def test_no_contact_is_no_value(keys):
    assert Lead.objects.get(pk=Lead.objects.create(contact={}).pk).contact is None


def test_a_new_first_key_encrypts_and_the_old_one_still_reads(keys, settings):
    old = Lead.objects.create(contact=ADA)
    fresh = Fernet.generate_key().decode()
    settings.CONTACT_ENCRYPTION_KEYS = [fresh, *keys]
    new = Lead.objects.create(contact=ADA)
    assert Lead.objects.get(pk=old.pk).contact == ADA
    settings.CONTACT_ENCRYPTION_KEYS = [fresh]
    assert Lead.objects.get(pk=new.pk).contact == ADA
    with pytest.raises(encryption.UnreadableContact, match="CONTACT_ENCRYPTION_KEYS") as refused:
        Lead.objects.get(pk=old.pk)
    assert "ada" not in str(refused.value).lower()


def test_without_a_key_nothing_is_stored(settings):
    settings.CONTACT_ENCRYPTION_KEYS = []
    refused = pytest.raises(ImproperlyConfigured, match="CONTACT_ENCRYPTION_KEYS is empty")
    with refused, transaction.atomic():
        Lead.objects.create(contact=ADA)
    assert not Lead.objects.exists()


def test_no_dump_and_no_log_line_has_a_contact(keys, caplog):
    dump = io.StringIO()
    with caplog.at_level(logging.DEBUG):
        Lead.objects.create(contact=ADA)
        call_command("dumpdata", "leads", stdout=dump)
    assert "leads.lead" in dump.getvalue()
    assert not [word for word in ADA.values() if word in dump.getvalue() + caplog.text]
