"""Rotating keys: what an old key encrypted is encrypted anew, and nothing is lost on the way."""

import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from followups.models import Receiver
from leads.models import Lead
from privacy import encryption, rekeying
from privacy.encryption import UnreadableContact
from privacy.rekeying import Fate

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}
BEN = {"name": "Ben", "phone": "+49 731 1234"}


def key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def old(settings) -> str:
    """The key that has encrypted everything so far."""
    made = key()
    settings.CONTACT_ENCRYPTION_KEYS = [made]
    return made


def reencrypted(*flags: str) -> str:
    out = io.StringIO()
    call_command("reencrypt", *flags, stdout=out)
    return out.getvalue()


def contacts():
    return next(column for column in rekeying.columns() if column.model is Lead)


def test_it_knows_every_encrypted_column():
    assert {str(column) for column in rekeying.columns()} == {
        "leads.Lead.contact",
        "followups.Receiver.secrets",
    }


def test_afterwards_the_new_key_alone_reads_everything(old, settings):
    ada, ben = Lead.objects.create(contact=ADA), Lead.objects.create(contact=BEN)
    receiver = Receiver.objects.create(
        name="crm", url="https://crm.example", secrets={"current": "s3"}, created_at=now()
    )
    nobody = Lead.objects.create()
    new = key()
    settings.CONTACT_ENCRYPTION_KEYS = [new, old]
    newest = Lead.objects.create(contact=ADA)
    told = reencrypted()
    assert "leads.Lead.contact: 2 of an older key, 1 of the newest" in told
    assert "followups.Receiver.secrets: 1 of an older key, 0 of the newest" in told
    settings.CONTACT_ENCRYPTION_KEYS = [new]
    read = {lead.pk: lead.contact for lead in Lead.objects.all()}
    assert read == {ada.pk: ADA, ben.pk: BEN, nobody.pk: None, newest.pk: ADA}
    assert Receiver.objects.get(pk=receiver.pk).secrets == {"current": "s3"}
    assert "0 of an older key, 3 of the newest" in reencrypted()


def test_a_dry_run_changes_nothing(old, settings):
    lead = Lead.objects.create(contact=ADA)
    settings.CONTACT_ENCRYPTION_KEYS = [new := key(), old]
    assert "1 of an older key" in reencrypted("--dry-run")
    settings.CONTACT_ENCRYPTION_KEYS = [new]
    with pytest.raises(UnreadableContact):
        Lead.objects.get(pk=lead.pk)


def test_what_no_key_reads_is_told_and_left_as_it_is(old, settings):
    Lead.objects.create(contact=ADA)
    settings.CONTACT_ENCRYPTION_KEYS = [other := key()]
    Lead.objects.create(contact=BEN)
    settings.CONTACT_ENCRYPTION_KEYS = [new := key(), other]
    with pytest.raises(CommandError, match="reads 1 of them"):
        reencrypted()
    settings.CONTACT_ENCRYPTION_KEYS = [new, old]
    assert sorted(lead.contact["name"] for lead in Lead.objects.all()) == ["Ada Lovelace", "Ben"]


def test_what_is_written_meanwhile_is_not_written_over(old, settings, monkeypatch):
    lead = Lead.objects.create(contact=ADA)
    settings.CONTACT_ENCRYPTION_KEYS = [key(), old]
    judge = encryption.is_of_newest_key

    def somebody_writes_first(sealed):
        Lead.objects.filter(pk=lead.pk).update(contact=BEN)
        return judge(sealed)

    monkeypatch.setattr(encryption, "is_of_newest_key", somebody_writes_first)
    assert rekeying.rekey(contacts(), write=True) == {Fate.BUSY: 1}
    assert Lead.objects.get(pk=lead.pk).contact == BEN


def test_every_row_is_reached_however_many_there_are(old, settings, monkeypatch):
    monkeypatch.setattr(rekeying, "BATCH", 3)
    for _ in range(7):
        Lead.objects.create(contact=ADA)
    settings.CONTACT_ENCRYPTION_KEYS = [key(), old]
    assert rekeying.rekey(contacts(), write=True) == {Fate.CHANGED: 7}
    assert rekeying.rekey(contacts(), write=True) == {Fate.CURRENT: 7}
