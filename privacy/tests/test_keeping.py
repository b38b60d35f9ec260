"""Free text on its way into the database: what is stored, counted and told of it."""

import os
import subprocess
import sys
from pathlib import Path

import phonenumbers
import pytest
from prometheus_client import REGISTRY

from privacy.keeping import kept, kept_values
from privacy.kinds import WITHHELD, Kind, Reason, Surface
from privacy.regions import REGIONS

NOTE = Surface.OUTCOME_NOTE
ROOT = Path(__file__).resolve().parents[2]


def counted(name: str, **labels: str) -> float:
    """A series that is not there yet is a fault: rates need its zero."""
    found = REGISTRY.get_sample_value(f"{name}_total", labels)
    assert found is not None
    return found


@pytest.fixture
def broken(monkeypatch) -> None:
    def fails(text: str) -> None:
        raise ValueError(text)

    monkeypatch.setattr("privacy.redaction.normalise", fails)


def test_it_keeps_what_is_not_personal_and_counts_the_rest_by_kind():
    scanned, mails = counted("pii_messages_scanned", surface=NOTE), counted("pii_redactions", kind=Kind.EMAIL)
    text = "wrote from ada@example.org, also to bob@example.org: sea view"
    assert kept(text, surface=NOTE) == "wrote from [EMAIL], also to [EMAIL]: sea view"
    assert counted("pii_messages_scanned", surface=NOTE) == scanned + 1
    assert counted("pii_redactions", kind=Kind.EMAIL) == mails + 2


def test_it_knows_whom_the_text_is_about():
    person = {"name": "Tuva Quendahl", "phone": "+49 731 1234"}
    assert kept("quendahl wants two rooms", surface=NOTE, person=person) == "[PERSON] wants two rooms"


def test_it_keeps_values_and_counts_a_lead_once():
    surface = Surface.LEAD_ATTRIBUTES
    scanned, mails = (
        counted("pii_messages_scanned", surface=surface),
        counted("pii_redactions", kind=Kind.EMAIL),
    )
    values = {"email": "ada@example.org", "rooms": 2, "wrote": "to bob@example.org"}
    assert kept_values(values, surface=surface) == {"email": "[EMAIL]", "rooms": 2, "wrote": "to [EMAIL]"}
    assert counted("pii_messages_scanned", surface=surface) == scanned + 1
    assert counted("pii_redactions", kind=Kind.EMAIL) == mails + 2


def test_it_gives_the_same_values_back_when_all_may_be_kept():
    values = {"rooms": 2, "city": "Ulm"}
    assert kept_values(values, surface=Surface.LEAD_ATTRIBUTES, person={"name": "Ada"}) is values


def test_a_value_that_cannot_be_judged_is_withheld_counted_and_told(caplog, request):
    kept_values({"q1": "Ulm", "rooms": 2}, surface=Surface.LEAD_ATTRIBUTES)
    request.getfixturevalue("broken")
    failures = counted("pii_redaction_failures", reason=Reason.ERROR)
    values = {"q1": "call Ada on 0731 12345", "rooms": 2}
    assert kept_values(values, surface=Surface.LEAD_ATTRIBUTES) == {"q1": WITHHELD, "rooms": 2}
    assert counted("pii_redaction_failures", reason=Reason.ERROR) == failures + 1
    assert [record.msg["surface"] for record in caplog.records] == ["lead_attributes"]


def test_a_number_without_a_prefix_is_dialled_in_the_region_set(settings):
    assert kept_values({"q1": "22 85 50 50"}, surface=Surface.LEAD_ATTRIBUTES) == {"q1": "22 85 50 50"}
    settings.PHONE_REGION = "NO"
    assert kept_values({"q1": "22 85 50 51"}, surface=Surface.LEAD_ATTRIBUTES) == {"q1": "[PHONE]"}


def test_the_regions_are_those_of_libphonenumber():
    assert set(phonenumbers.SUPPORTED_REGIONS) == REGIONS


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_is_left_as_it_is_and_not_counted(text):
    scanned = counted("pii_messages_scanned", surface=NOTE)
    assert kept(text, surface=NOTE) == text
    assert counted("pii_messages_scanned", surface=NOTE) == scanned


@pytest.mark.usefixtures("broken")
def test_what_cannot_be_judged_is_withheld_counted_and_told_without_a_word_of_it(caplog):
    failures = counted("pii_redaction_failures", reason=Reason.ERROR)
    assert kept("call Ada on 0731 12345", surface=NOTE) == WITHHELD
    assert counted("pii_redaction_failures", reason=Reason.ERROR) == failures + 1
    [told] = [record.msg for record in caplog.records]
    assert {name: told[name] for name in told if name not in {"at", "logger"}} == {
        "event": "text_withheld", "level": "error", "surface": "outcome_note", "reason": "error",
    }  # fmt: skip


def test_what_is_found_is_not_logged(caplog):
    assert kept("call Ada Lovelace on 0731 12345", surface=NOTE) != WITHHELD
    assert caplog.records == []


def test_every_series_is_there_from_the_start():
    for surface in Surface:
        counted("pii_messages_scanned", surface=surface)
    for kind in Kind:
        counted("pii_redactions", kind=kind)
    for reason in Reason:
        counted("pii_redaction_failures", reason=reason)


FIRST = """
from concurrent.futures import ThreadPoolExecutor
from privacy import lexicon
from privacy.keeping import kept, kept_values
from privacy.kinds import Surface
print(lexicon.classes.cache_info().misses)
def one(number):
    return kept(f"guest {number} is Sarah Miller", surface=Surface.OUTCOME_NOTE)
with ThreadPoolExecutor(8) as people:
    print({text.partition(" is ")[2] for text in people.map(one, range(64))})
print(lexicon.classes.cache_info().misses)
"""


def test_the_lists_are_read_at_the_first_text_and_once_for_all_threads():
    told = subprocess.run(
        [sys.executable, "-c", FIRST],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "customerops.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert told.stdout.splitlines() == ["0", "{'[PERSON]'}", "1"], told.stderr[-2000:]
