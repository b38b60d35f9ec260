"""A history comes in: once, twice, corrected."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from leads import services, silence
from leads.models import Lead, Outcome
from leads.services import NewLead

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)

HISTORY = """id,on,end,ended,city
ada,2026-01-02,booked,2026-01-09,Ulm
ben,2026-01-03,,,Bonn
cleo,2026-01-04,Canceled,2026-01-05,Köln
bad,someday,won,2026-01-05,Köln
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bring_in(text: str = HISTORY, **options) -> str:
    path = Path("history.csv")
    path.write_text(text, encoding="utf-8")
    flags = {"id": "id", "created_at": "on", "outcome": "end", "outcome_at": "ended", "verbosity": 0}
    return str(call_command("import_leads", path, **flags, **options))


def rows() -> list[tuple[object, ...]]:
    return [
        *Lead.objects.order_by("external_id").values_list(
            "id", "external_id", "attributes", "created_at", "recorded_at"
        ),
        *Outcome.objects.order_by("id").values_list("id", "state", "occurred_at", "recorded_at"),
    ]


def test_leads_and_outcomes_come_in_and_bad_rows_are_told(folder):
    told = bring_in()
    assert "4 rows read, 1 rejected." in told
    assert "3 leads created, 0 changed, 0 as they were; 2 outcomes recorded." in told
    assert Lead.objects.get(external_id="ben").attributes == {"city": "Bonn"}
    ada = Outcome.objects.get(lead__external_id="ada")
    assert (ada.state, ada.source) == ("booked", "import")
    assert ada.occurred_at == ada.recorded_at == datetime(2026, 1, 9, tzinfo=UTC)
    assert (folder / "history.csv.rejects.csv").read_text().splitlines() == [
        "line,reason",
        "5,on 'someday' is no date (ISO 8601 is expected)",
    ]


def test_a_second_run_changes_nothing():
    bring_in()
    before = rows()
    assert "0 leads created, 0 changed, 3 as they were; 0 outcomes recorded." in bring_in()
    assert rows() == before


def test_a_changed_file_changes_its_leads_and_corrects_endings():
    bring_in()
    silence.ghost(now=datetime(2026, 6, 1, tzinfo=UTC))
    told = bring_in(
        HISTORY.replace("Ulm", "Aachen").replace("ben,2026-01-03,,", "ben,2026-01-03,won,2026-01-20")
    )
    assert "0 leads created, 1 changed, 2 as they were; 1 outcomes recorded." in told
    assert Lead.objects.get(external_id="ada").attributes == {"city": "Aachen"}
    ben = Outcome.objects.filter(lead__external_id="ben").order_by("-recorded_at", "-id")
    assert [outcome.state for outcome in ben] == ["booked", "ghosted"]


def test_an_ending_in_the_future_waits(settings):
    told = bring_in("id,on,end,ended\nada,2026-01-02,won,2199-01-01\n")
    assert "1 outcomes lie in the future" in told
    assert not Outcome.objects.exists()


def test_a_dry_run_writes_nothing(folder):
    told = bring_in(dry_run=True)
    assert "3 leads created, 0 changed, 0 as they were; 2 outcomes recorded." in told
    assert "Dry run: nothing was stored." in told
    assert not Lead.objects.exists()


def test_without_ids_a_second_run_still_changes_nothing():
    path = Path("plain.csv")
    path.write_text("on,won\n2026-01-02,yes\n2026-01-02,yes\n")
    for _ in range(2):
        call_command("import_leads", path, created_at="on", outcome="won", verbosity=0)
    assert set(Lead.objects.values_list("external_id", flat=True)) == {"plain:2", "plain:3"}
    assert Outcome.objects.count() == 2


def test_good_files_leave_no_rejects_file(folder):
    bring_in(HISTORY.rsplit("bad", 1)[0])
    assert [path.name for path in folder.iterdir()] == ["history.csv"]


def test_rejects_go_where_they_are_wanted(folder):
    bring_in(rejects=folder / "mine.csv")
    assert (folder / "mine.csv").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--created-at", "when"], "no column for --created-at when"),
        (["--created-at", "on", "--map", "x=y"], "VALUE=STATE"),
        (["--rows-per-day", "0"], "whole number from 1"),
        (["--created-at", "on", "--rejects", "nowhere/mine.csv"], "no folder that can be written to"),
    ],
)
def test_wrong_flags_are_one_clear_error(flags, message):
    Path("history.csv").write_text(HISTORY)
    with pytest.raises(CommandError, match=message):
        call_command("import_leads", "history.csv", *flags)
    assert not Lead.objects.exists()


def test_imported_leads_come_in_chunks(monkeypatch):
    monkeypatch.setattr("leads.importing.CHUNK", 2)
    lines = [f"lead-{number},2026-01-02,won,2026-01-03,Ulm" for number in range(7)]
    assert "7 leads created" in bring_in("\n".join(["id,on,end,ended,city", *lines]))


def test_nothing_personal_comes_in_by_columns():
    bring_in(
        "id,on,end,ended,first_name,city,wishes\n"
        "ada,2026-01-02,,,Ada,Charlotte,sea view\n"
        "ben,2026-01-03,,,Ben,Jordan,call 415 555 0134\n",
        source="@ada_l",
    )
    ada, ben = Lead.objects.order_by("external_id")
    assert ada.attributes == {"first_name": "[PERSON]", "city": "Charlotte", "wishes": "sea view"}
    assert ben.attributes == {"first_name": "[PERSON]", "city": "Jordan", "wishes": "call [PHONE]"}
    assert ada.source == "[USERNAME]"


def test_an_id_that_is_personal_is_rejected_without_being_told(folder):
    assert "2 rejected" in bring_in(
        "id,on,end,ended\nann@x.org,2026-01-02,,\n+49 731 12345,2026-01-02,,\n49731,2026-01-02,,\n"
    )
    told = (folder / "history.csv.rejects.csv").read_text()
    assert "id must not be an e-mail address" in told
    assert "id must not be a telephone number" in told
    assert "ann" not in told


@pytest.mark.django_db(transaction=True)
def test_a_file_takes_leads_in_the_order_in_which_batches_take_them():
    """So that neither waits for the other while it holds what the other waits for."""
    history = "id,on,end,ended,city\nben,2026-01-03,,,Bonn\nada,2026-01-02,,,Ulm\n"
    file = Thread(target=brought_in, args=[history])
    with transaction.atomic():
        services.create_leads(leads=[NewLead(external_id="ada")], now=NOON)
        file.start()
        while not Lead.objects.raw(
            "SELECT * FROM leads_lead WHERE EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        ):
            sleep(0.01)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        services.create_leads(leads=[NewLead(external_id="ben")], now=NOON)
    file.join()
    assert Lead.objects.count() == 2


def brought_in(history: str) -> None:
    """By another process."""
    try:
        bring_in(history)
    finally:
        connection.close()
