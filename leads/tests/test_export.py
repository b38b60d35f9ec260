"""What may leave, and how."""

import csv
import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError

from leads import export, services
from leads.csvfile import ColumnMap, History, HistoryLead
from leads.models import Lead
from leads.services import NewLead, OutcomeReport
from modeling.tests.processes import ROOT, environment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def add(*leads: NewLead, state: str = "booked") -> list[Lead]:
    created = [answer.lead for answer in services.create_leads(leads=leads, now=NOW)]
    services.record_outcomes(
        reports=[
            OutcomeReport(lead_id=lead.pk, state=state, occurred_at=NOW, recorded_at=NOW, source="api")
            for lead in created
        ]
    )
    return created


def exported() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(export.csv_blocks()).decode(), newline="")))


def many(count: int = 12, **attributes) -> list[NewLead]:
    return [
        NewLead(attributes={name: value(number) for name, value in attributes.items()})
        for number in range(count)
    ]


def test_an_empty_database_is_a_header():
    text = b"".join(export.csv_blocks()).decode()
    assert text.splitlines() == [
        "lead_id,source,timezone,created_at,matures_at,state,reward,occurred_at,recorded_at,current,converted"
    ]


def test_every_outcome_is_a_row_and_the_newest_is_current():
    [ada] = add(NewLead(external_id="ada", source="web", timezone="Europe/Berlin"), state="qualified")
    services.record_outcome(lead=ada, state="booked", now=NOW + timedelta(days=1))
    first, second = exported()
    assert (first["state"], first["current"], first["converted"], first["reward"]) == (
        "qualified",
        "false",
        "true",
        "0.5",
    )
    assert (second["state"], second["current"], second["converted"]) == ("booked", "true", "true")
    assert (first["lead_id"], first["source"], first["timezone"]) == (str(ada.pk), "web", "Europe/Berlin")
    assert first["created_at"] == "2026-03-01T12:00:00.000000Z"


def test_numbers_booleans_dates_and_categories_leave():
    add(
        *many(
            n=lambda k: k - 5, yes=lambda k: k > 3, on=lambda k: f"2026-03-{k + 1:02}", city=lambda k: "Ulm"
        )
    )
    row = exported()[0]
    assert (row["n"], row["yes"], row["on"], row["city"]) == ("-5", "false", "2026-03-01", "Ulm")


def test_free_text_identifiers_and_contacts_stay():
    add(
        *many(
            comment=lambda k: f"please call number {k} " * 5,
            reference=lambda k: f"REF-{k}",
            mail=lambda k: "ada@example.org",
            phone=lambda k: "0049 1512345678",
        )
    )
    add(NewLead(external_id="ada@example.org", contact={"email": "ada@example.org"}))
    text = b"".join(export.csv_blocks()).decode()
    for secret in ("please", "REF-", "example.org", "1512345678", "comment"):
        assert secret not in text


@pytest.mark.parametrize("evil", ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_cell_starts_a_formula(evil):
    add(*[NewLead(source=evil, attributes={evil: evil, "state": "won"}) for _ in range(4)])
    rows = list(csv.reader(io.StringIO(b"".join(export.csv_blocks()).decode(), newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r"))]


def test_the_reader_gets_back_what_was_stored(tmp_path):
    attributes = {
        "code": "007",
        "n": -5,
        "rate": 0.25,
        "yes": True,
        "state": "new",
        "city": "=Ulm",
        "on": "2026-03-01",
    }
    leads = add(*[NewLead(source="-web", attributes=attributes) for _ in range(4)])
    services.record_outcome(lead=leads[0], state="ghosted", now=NOW + timedelta(days=1))
    path = tmp_path / "outcomes.csv"
    call_command("export_outcomes", output=path)
    read = list(History(path, ColumnMap.for_export(), horizon=timedelta(days=1)))

    assert len(read) == 4
    for lead in read:
        assert isinstance(lead, HistoryLead)
        assert (lead.source, lead.attributes, lead.created_at) == ("-web", attributes, NOW)
    assert sorted(lead.state or "" for lead in read if isinstance(lead, HistoryLead)) == ["booked"] * 3 + [
        "ghosted"
    ]


@pytest.fixture
def broken(monkeypatch):
    """Postgres fails on the last row, after the others have left."""
    last = "row_number() OVER (ORDER BY outcome.id) - (SELECT count(*) FROM leads_outcome)"
    failing = f"SELECT {{columns}}, 1 / ({last})"
    monkeypatch.setattr(export, "PIECE_BYTES", 1)
    monkeypatch.setattr(export, "_ROWS", export._ROWS.replace("SELECT {columns}", failing))


def test_a_stream_that_breaks_on_the_way_raises(broken):
    add(*many(50, n=lambda k: k))
    blocks = export.csv_blocks()
    received = [next(blocks) for _ in range(3)]
    assert received[2].endswith(b",1\n") or received[2]
    with pytest.raises(DataError):
        list(blocks)


def test_an_export_that_breaks_leaves_no_file(tmp_path, broken):
    add(*many(4, n=lambda k: k))
    path = tmp_path / "outcomes.csv"
    with pytest.raises(DataError):
        call_command("export_outcomes", output=path)
    assert list(tmp_path.iterdir()) == []


def test_an_export_to_nowhere_is_one_sentence(tmp_path):
    for path in (tmp_path / "nowhere" / "outcomes.csv", tmp_path):
        with pytest.raises(CommandError, match=f"{path} cannot be written: "):
            call_command("export_outcomes", output=path)


def test_the_command_writes_to_standard_output(capfdbinary):
    add(NewLead(external_id="ada"))
    call_command("export_outcomes")
    assert capfdbinary.readouterr().out.count(b"\n") == 2


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_has_enough_is_no_error():
    add(*(NewLead(external_id=f"lead-{number}", attributes={"n": number}) for number in range(3000)))
    told = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} manage.py export_outcomes | head -1"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.stdout.startswith("lead_id,")
    assert (told.stdout.count("\n"), told.stderr, told.returncode) == (1, "", 141)


def test_paths_are_whole_files(tmp_path: Path):
    call_command("export_outcomes", output=tmp_path / "outcomes.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["outcomes.csv"]
