"""docs/privacy/README.md: what an officer is told to type does what it says; what it names exists."""

import re

import pytest
from django.contrib.auth.models import Permission

from customerops.tests import world
from customerops.tests.documents import page, pages
from customerops.tests.servers import serving_web
from customerops.tests.terminal import Terminal
from customerops.tests.test_settings import told as settings_told
from leads.models import Lead
from privacy.models import LegalHold, ScrubRun

TEXT = page("docs/privacy/README.md").text


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_it_tells_to_type_does_what_it_says(tmp_path):
    (tmp_path / "metrics").mkdir()
    variables = world.made(tmp_path)
    with serving_web(tmp_path / "metrics", workers=1) as port:
        terminal = Terminal(tmp_path, port=port, **variables)
        told = terminal.type_page(page("docs/privacy/README.md"))

    def said(*words: str) -> str:
        [found] = [answer for command, answer in told.items() if all(word in command for word in words)]
        return found

    assert "ada@example.org" in (tmp_path / "ada.json").read_text()
    assert "1 leads would be erased" in said("erase_subject", "--dry-run")
    assert '"pending": false' in said("erase_subject", "--reason")
    assert not Lead.objects.filter(external_id="ada-1").exists()
    assert LegalHold.objects.get().lead_id == Lead.objects.get(external_id="crm-17").pk
    assert '"intent":"opt_out"' in said("off your list").replace('"intent":{"label":', '"intent":')
    assert Lead.objects.get(pk=variables["LEAD_ID"]).opted_out_at is not None
    assert "revoked" in said("--revoke")
    assert ('"on":false' in said("followups/off"), '"on":true' in said("followups/on")) == (True, True)
    assert ScrubRun.objects.filter(pk=terminal.variables["CERTIFICATE"]).exists()
    assert re.search(r"^pii_canary_leaking 0\.0$", said("pii_canary_leaking"), re.MULTILINE)


@pytest.mark.django_db
def test_every_permission_it_names_can_be_given():
    named = re.findall(r"\*(can [^*]+)\*", TEXT.partition("## Each day")[0])
    known = {name.lower() for name in Permission.objects.values_list("name", flat=True)}
    assert len(named) > 5
    assert [name for name in named if name not in known] == []


def test_every_period_it_names_is_a_setting():
    named = set(re.findall(r"`([A-Z_]{6,})`", TEXT))
    assert {"RETENTION_LEAD_DAYS", "MEMORY_HOURS"} < named <= set(settings_told())


@pytest.mark.parametrize("source", pages(), ids=str)
def test_no_page_claims_that_a_law_is_complied_with(source):
    claim = r"(?:GDPR|HIPAA|PCI)(?: DSS)?[/ -]+(?:compliant|certified|ready|safe)|compliant with"
    assert not re.search(claim, source.text, re.IGNORECASE)
