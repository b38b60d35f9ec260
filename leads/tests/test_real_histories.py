"""Histories as others write them: real ones where this machine has them, and a made-up twin of each."""

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from leads.models import Lead, Outcome
from privacy.tests.real import data_folder

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SAME = "\n0 leads created, 0 changed, {:,} as they were; 0 outcomes recorded."


@dataclass(frozen=True)
class History:
    """Files, the flags that read them, and what is known of the real ones."""

    files: tuple[str, ...]
    flags: str
    rows: int
    booked: float
    twin: tuple[str, ...]
    endings: tuple[str, ...]  # of the twin, line by line
    join: Callable[[Path, list[Path]], Path] = lambda folder, files: files[0]

    @property
    def paths(self) -> list[Path]:
        return [data_folder() / "leads" / file for file in self.files]


def joined(folder: Path, files: list[Path]) -> Path:
    """Leads with the day they were won, from a file of leads and a file of deals."""
    texts = [gzip.decompress(file.read_bytes()).decode() for file in files]
    leads, deals = (list(csv.DictReader(text.splitlines())) for text in texts)
    won = {deal["mql_id"]: deal["won_date"] for deal in deals}
    path = folder / "funnel.csv"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, [*leads[0], "won_date"])
        writer.writeheader()
        writer.writerows(lead | {"won_date": won.get(lead["mql_id"], "")} for lead in leads)
    return path


HISTORIES = {
    "hotel": History(
        files=("hotel_bookings/resort_hotel.csv.gz",),
        flags="--created-at booked_on --matures-at arrives_on"
        " --outcome reservation_status --outcome-at resolved_on"
        " --map Check-Out=booked,Canceled=ghosted,No-Show=ghosted"
        " --ignore assigned_room_type,booking_changes,days_in_waiting_list",
        rows=40_060,
        booked=0.722,
        twin=(
            "booked_on,arrives_on,resolved_on,country,adr,reservation_status,assigned_room_type,booking_changes,"
            "days_in_waiting_list\n"
            "2025-01-02,2025-03-01,2025-03-04,ULM,80.5,Check-Out,A,0,0\n"
            "2025-01-02,2025-03-01,2025-03-04,ULM,80.5,Check-Out,A,0,0\n"  # two rooms of one party
            "2025-01-05,2025-02-11,2025-01-09,BON,64.0,Canceled,B,2,0\n"
            "2025-01-09,2025-01-09,2025-01-09,,0.0,No-Show,A,0,3\n",
        ),
        endings=("booked", "booked", "ghosted", "ghosted"),
    ),
    "bank": History(
        files=("bank_marketing/bank_additional_rows_00000_29999.csv.gz",),
        flags="--rows-per-day 100 --outcome y --ignore duration,seq",
        rows=30_000,
        booked=0.057,
        twin=(
            "seq,age,job,duration,euribor3m,y\n0,44,baker,120,4.857,no\n1,31,nurse,800,4.857,yes\n"
            "2,58,unknown,90,4.855,no\n",
        ),
        endings=("ghosted", "booked", "ghosted"),
    ),
    "funnel": History(
        files=(
            "olist_funnel/olist_marketing_qualified_leads_dataset.csv.gz",
            "olist_funnel/olist_closed_deals_dataset.csv.gz",
        ),
        flags="--id mql_id --created-at first_contact_date --outcome-at won_date --source origin",
        rows=8_000,
        booked=0.105,
        twin=(
            "mql_id,first_contact_date,landing_page_id,origin\na1,2025-01-02,p1,social\na2,2025-01-03,p1,\n",
            "mql_id,seller_id,won_date\na2,s9,2025-02-01 10:11:12\n",
        ),
        endings=("booked",),
        join=joined,
    ),
}


def fingerprint() -> list[object]:
    """Everything that is stored of leads and outcomes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT md5(string_agg(lead::text, '' ORDER BY id)) FROM leads_lead AS lead),"
            " (SELECT md5(string_agg(outcome::text, '' ORDER BY id)) FROM leads_outcome AS outcome)"
        )
        return [*cursor.fetchone()]


def bring_in(path: Path, flags: str) -> str:
    return str(call_command("import_leads", str(path), *flags.split(), verbosity=0))


def written(folder: Path, history: History) -> list[Path]:
    """The made-up twin, packed as the real files are."""
    paths = [folder / Path(file).name for file in history.files]
    for path, text in zip(paths, history.twin, strict=True):
        path.write_bytes(gzip.compress(text.encode()))
    return paths


@pytest.fixture(params=HISTORIES)
def history(request, tmp_path, monkeypatch) -> History:
    monkeypatch.chdir(tmp_path)
    return HISTORIES[request.param]


def test_a_real_history_comes_in_and_a_second_run_changes_nothing(history, tmp_path):
    if not all(path.exists() for path in history.paths):
        pytest.skip("the real history is not here")
    path = history.join(tmp_path, history.paths)
    told = bring_in(path, history.flags)
    assert f"{history.rows:,} rows read, " in told
    assert Lead.objects.count() > 0.999 * history.rows
    booked = Outcome.objects.filter(state="booked").count() / history.rows
    assert booked == pytest.approx(history.booked, abs=0.001)
    before = fingerprint()
    assert SAME.format(Lead.objects.count()) in bring_in(path, history.flags)
    assert fingerprint() == before


def test_its_made_up_twin_comes_in_and_a_second_run_changes_nothing(history, tmp_path):
    path = history.join(tmp_path, written(tmp_path, history))
    rows = history.twin[0].count("\n") - 1
    assert f"{rows} rows read, 0 rejected.\n{rows} leads created, 0 changed" in bring_in(path, history.flags)
    ignored = set(history.flags.partition("--ignore ")[2].split(","))
    assert not [name for lead in Lead.objects.all() for name in lead.attributes if name in ignored]
    before = fingerprint()
    assert SAME.format(rows) in bring_in(path, history.flags)
    assert fingerprint() == before
    states = Outcome.objects.order_by("lead__external_id").values_list("state", flat=True)
    assert tuple(states) == history.endings
