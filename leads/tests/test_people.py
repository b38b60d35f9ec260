"""People are found by what their contacts were, also those who came before there were digests."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from leads import services
from leads.csvfile import ColumnMap, History
from leads.importing import import_history
from leads.models import Lead
from leads.naming import digest_contacts
from leads.people import Subject
from leads.services import NewLead
from privacy import tombstones
from privacy.digests import Name

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada", "email": "ada@example.org", "phone": "+49 731 1234567"}


def stored(*contacts: dict[str, str] | None) -> list[Lead]:
    leads = [NewLead(contact=contact) for contact in contacts]
    return [made.lead for made in services.create_leads(leads=leads, now=now())]


@pytest.mark.parametrize(
    ("name", "value"), [(Name.EMAIL, "ADA@example.org"), (Name.PHONE, "0049 731 1234567")]
)
def test_all_leads_with_a_contact_are_found(name, value):
    first, _, third = stored(ADA, None, ADA)
    assert set(Subject(name, value).leads()) == {first, third}


def test_contacts_from_before_are_digested_in_pieces(monkeypatch):
    monkeypatch.setattr("leads.naming.PIECE", 2)
    stored(ADA, ADA, {"name": "Ben"}, None, ADA)
    found = list(Lead.objects.exclude(email_digest=None).values_list("email_digest", "phone_digest"))
    Lead.objects.update(email_digest=None, phone_digest=None)
    assert digest_contacts() == 3
    assert list(Lead.objects.exclude(email_digest=None).values_list("email_digest", "phone_digest")) == found
    assert digest_contacts() == 0


def test_a_contact_whose_key_is_gone_is_passed_over(settings):
    stored(ADA)
    Lead.objects.update(email_digest=None, phone_digest=None)
    settings.CONTACT_ENCRYPTION_KEYS = ["x" * 43 + "="]
    assert digest_contacts() == 0


def test_an_import_rejects_erased_leads_with_the_reason(tmp_path):
    tombstones.raise_stones(
        tombstones.Known(Lead().pk, "ada", now(), None, None).ids(), erasure=Lead().pk, at=now()
    )
    path = tmp_path / "history.csv"
    path.write_text("id,on,end\nada,2026-01-02,booked\nben,2026-01-02,booked\n")
    rejects: list = []
    for dry_run in (True, False):
        history = History(
            path, ColumnMap(id="id", created_at="on", outcome="end"), horizon=timedelta(days=30)
        )
        report = import_history(history=history, now=now(), on_reject=rejects.append, dry_run=dry_run)
        assert (report.rows, report.rejected, report.created) == (2, 1, 1)
    assert [(reject.line, reject.reason) for reject in rejects] == [(2, "this lead was erased")] * 2
    assert [lead.external_id for lead in Lead.objects.all()] == ["ben"]
