"""erase_subject, export_subject and legal_hold, as typed."""

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from customerops.tests.people import ADA, BEN, arrived, with_traces
from leads.models import Lead
from privacy.models import Erasure, LegalHold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def test_it_erases_by_anything_a_person_is_known_by():
    for flags in [["--external-id=ada-1"], ["--email", "Ada@Example.org"], ["--phone=+497311234567"], None]:
        lead = arrived(f"ada-{Erasure.objects.count() + 1}", ADA, created_at=now())
        told = orjson.loads(call_command("erase_subject", *(flags or [str(lead.pk)]), "--reason=a letter"))
        assert told["lead_ids"] == [str(lead.pk)]
        assert not Lead.objects.exists()
    assert Erasure.objects.count() == 4


def test_the_actor_is_the_shell_s_account_unless_named():
    arrived(), arrived("ben-1", BEN)
    call_command("erase_subject", "--external-id=ada-1", "--reason=x")
    call_command("erase_subject", "--external-id=ben-1", "--reason=x", "--actor=officer")
    actors = list(Erasure.objects.order_by("at").values_list("actor", flat=True))
    assert actors[0].endswith("(command line)") or actors[0] == "command line"
    assert actors[1] == "officer"


def test_a_dry_run_tells_and_keeps():
    lead = with_traces(arrived())
    other = arrived("ada-2")
    told = call_command("erase_subject", str(lead.pk), "--dry-run")
    assert "leads_outcome 1" in told
    assert f"would stay: {other.pk}" in told
    assert told.endswith("nothing was erased.")
    assert (Lead.objects.count(), Erasure.objects.count()) == (2, 0)


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--external-id=nobody", "--reason=x"], "no such lead"),
        (["not-an-id", "--reason=x"], "goes with --external-id"),
        (["--email=", "--reason=x"], "say who"),
        (["--external-id=ada-1"], "say why"),
        (["--external-id=ada-1", "--email=x", "--reason=x"], "not allowed with"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(flags, complaint):
    arrived()
    with pytest.raises(CommandError, match=complaint):
        call_command("erase_subject", *flags)
    assert Lead.objects.exists()


def test_a_second_time_names_the_receipt():
    arrived()
    call_command("erase_subject", "--external-id=ada-1", "--reason=x")
    with pytest.raises(CommandError, match=str(Erasure.objects.get().pk)):
        call_command("erase_subject", "--external-id=ada-1", "--reason=x")


def test_the_export_is_json_of_all_their_leads():
    arrived("ada-1"), arrived("ada-2"), arrived("ben-1", BEN)
    told = orjson.loads(call_command("export_subject", f"--email={ADA['email']}"))
    assert [lead["lead"]["external_id"] for lead in told["leads"]] == ["ada-1", "ada-2"]
    with pytest.raises(CommandError, match="no such lead"):
        call_command("export_subject", "--external-id=nobody")


def test_a_hold_is_placed_and_lifted_with_a_reason():
    lead = arrived()
    assert str(lead.pk) in call_command("legal_hold", "--external-id=ada-1", "--reason=claim of Ada Quendahl")
    assert LegalHold.objects.get().reason == "claim of [PERSON]"
    with pytest.raises(CommandError, match=r"nothing was erased: legal hold of .*claim of \[PERSON\]"):
        call_command("erase_subject", "--external-id=ada-1", "--reason=x")
    with pytest.raises(CommandError, match="held already"):
        call_command("legal_hold", "--external-id=ada-1", "--reason=again")
    assert "no longer held" in call_command("legal_hold", "--external-id=ada-1", "--lift")
    with pytest.raises(CommandError, match="not held"):
        call_command("legal_hold", "--external-id=ada-1", "--lift")
    with pytest.raises(CommandError, match="say why"):
        call_command("legal_hold", "--external-id=ada-1")
    with pytest.raises(CommandError, match="no such lead"):
        call_command("legal_hold", "--external-id=nobody", "--reason=x")
