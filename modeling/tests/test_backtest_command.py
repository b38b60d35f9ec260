"""`manage.py backtest`: a file in, an answer out, or one clear sentence."""

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from modeling.tests.histories import FLAGS, rows, written
from privacy.tests.real import data_folder

pytestmark = pytest.mark.slow


def run(path, report, *flags):
    told = io.StringIO()
    call_command(
        "backtest", str(path), *FLAGS, "--report", str(report), "--tuning-seconds", "1", *flags,
        stdout=told, verbosity=0,
    )  # fmt: skip
    return told.getvalue()


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """The made-up history, replayed once for all tests that only look."""
    folder = tmp_path_factory.mktemp("backtest")
    path = written(folder / "history.csv")
    told = run(path, folder / "report", "--from", "2025-03", "--until", "2025-07")
    document = json.loads((folder / "report" / "report.json").read_text())
    return told, document, (folder / "report" / "index.html").read_text()


def test_it_compares_nightly_learning_with_a_frozen_model_on_the_same_leads(replayed):
    _, document, _ = replayed
    pooled = document["pooled"]

    assert {pooled[name]["leads"] for name in pooled} == {153 * 15}
    assert pooled["nightly"]["auc"] > pooled["frozen"]["auc"] + 0.05
    assert pooled["nightly"]["brier"] < pooled["frozen"]["brier"]
    assert pooled["base_rate"]["auc"] is None
    assert document["answer"]["verdict"] == "yes"


def test_it_reports_every_period_and_version(replayed):
    _, document, _ = replayed

    assert [period["from"] for period in document["periods"]] == [
        "2025-03-01",
        "2025-04-01",
        "2025-05-01",
        "2025-06-01",
        "2025-07-01",
    ]
    assert sum(period["leads"] for period in document["periods"]) == 153 * 15
    assert len(document["versions"]) == 5
    assert all(version["reasons"] for version in document["versions"])
    assert sum(document["verdicts"].values()) == 5
    assert document["settings"]["until"] == "2025-07-31"


def test_it_names_the_column_that_gave_the_answer_away(replayed):
    _, document, page = replayed
    left_out = {item["feature"]: item["reason"] for item in document["left_out"]}

    assert "100% of the leads that have it converted" in left_out["closed_by"]
    assert "closed_by" in page


def test_it_prints_a_table_and_the_answer(replayed):
    told, document, _ = replayed

    assert "With nightly learning" in told
    assert document["answer"]["headline"] in told
    assert re.search(r"2025-05-01 +465 ", told)


def test_it_draws_a_page_that_needs_no_network(replayed):
    _, _, page = replayed

    assert page.count("<svg") == 4
    assert "Would it have helped us?" in page
    assert not re.search(r"(src|href)=|https?://|<script|@import|url\(", page)


def test_it_counts_rows_it_could_not_use(tmp_path):
    made = list(rows())
    made[5][1] = "not a date"
    told = run(written(tmp_path / "history.csv", made), tmp_path / "report", "--from", "2025-07")

    document = json.loads((tmp_path / "report" / "report.json").read_text())
    assert sum(document["history"]["rejected"].values()) == 1
    assert "1 rows could not be used" in told


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--created-at", "nowhere"], "has no column for --created-at nowhere"),
        (["--outcome", "channel"], "no value of channel says how a lead ended"),
        (["--from", "2031"], "neither a day like"),
        (["--from", "2031-01"], "the last lead that can be judged"),
        (["--tuning-seconds", "-1"], "not a number of seconds"),
        (["--report", "/nowhere/at/all"], "no folder that can be written to"),
    ],
)
def test_it_refuses_nonsense_with_one_sentence_and_writes_nothing(tmp_path, flags, sentence):
    path = written(tmp_path / "history.csv")

    with pytest.raises(CommandError, match=sentence):
        run(path, tmp_path / "report", *flags)

    assert not (tmp_path / "report").exists()


HOTEL = data_folder() / "leads" / "hotel_bookings" / "resort_hotel.csv.gz"


@pytest.mark.skipif(not HOTEL.exists(), reason="the hotel history is not here")
def test_it_would_have_helped_a_real_hotel(tmp_path):
    call_command(
        "backtest", str(HOTEL), "--created-at", "booked_on", "--matures-at", "arrives_on",
        "--outcome", "reservation_status", "--outcome-at", "resolved_on",
        "--ignore", "assigned_room_type,booking_changes,days_in_waiting_list",
        "--from", "2017-01", "--until", "2017-02", "--tuning-seconds", "0",
        "--report", str(tmp_path / "report"), stdout=io.StringIO(), verbosity=0,
    )  # fmt: skip
    document = json.loads((tmp_path / "report" / "report.json").read_text())

    assert document["pooled"]["nightly"]["auc"] > 0.82
    assert document["pooled"]["nightly"]["brier"] < 0.165
    assert {"is_canceled", "reservation_status_date"} <= {item["feature"] for item in document["left_out"]}
