"""Histories of every shape."""

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leads.csvfile import ColumnMap, History, HistoryError, HistoryLead, Reject

HORIZON = timedelta(days=30)
CAST = ColumnMap(id="id", created_at="on", outcome="end")


def write(folder: Path, text: str | bytes, name: str = "cast.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path, columns: ColumnMap = CAST) -> list[HistoryLead | Reject]:
    return list(History(path, columns, horizon=HORIZON))


def leads(path: Path, columns: ColumnMap = CAST) -> list[HistoryLead]:
    found = read(path, columns)
    assert [one for one in found if isinstance(one, Reject)] == []
    return [one for one in found if isinstance(one, HistoryLead)]


def rejects(path: Path, columns: ColumnMap = CAST) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in read(path, columns) if isinstance(one, Reject)]


def test_a_row_becomes_a_lead(tmp_path):
    path = write(tmp_path, "id,on,end,city,budget\nada,2026-01-02,booked,Ulm,900\nben,2026-01-03,,Bonn,\n")
    ada, ben = leads(path)
    assert ada == HistoryLead(
        line=2,
        external_id="ada",
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        matures_at=datetime(2026, 2, 1, tzinfo=UTC),
        state="booked",
        occurred_at=None,
        source="",
        attributes={"city": "Ulm", "budget": 900},
    )
    assert (ben.state, ben.attributes) == (None, {"city": "Bonn"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_delimiter_and_encoding_are_sniffed(tmp_path, delimiter, encoding):
    rows = [
        ["id", "on", "end", "city"],
        ["ada", "2026-01-02", "booked", "Köln"],
        ["ben", "2026-01-03", "", "Zürich"],
    ]
    text = "\n".join(delimiter.join(row) for row in rows)
    path = write(tmp_path, text.encode(encoding))
    assert [lead.attributes["city"] for lead in leads(path)] == ["Köln", "Zürich"]


def test_gzip_is_known_by_its_content(tmp_path):
    path = write(tmp_path, gzip.compress(b"id,on,end\nada,2026-01-02,won\n"), name="history.dat")
    assert leads(path)[0].state == "booked"


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2.5", "-3e2"], [1, 2.5, -300.0]),
        (["01234", "7"], ["01234", "7"]),
        (["1", "many"], ["1", "many"]),
        (["TRUE", "false"], [True, False]),
        (["yes", "no"], ["yes", "no"]),
        (["2026-01-02", "2026-03-04 10:30:00"], ["2026-01-02", "2026-03-04T10:30:00Z"]),
        (["31/12/2025", "01/02/2026"], ["2025-12-31", "2026-02-01"]),
        (["20260102", "20260103"], [20260102, 20260103]),
        (
            ["123456789012345678901", "223456789012345678901"],
            ["123456789012345678901", "223456789012345678901"],
        ),
        (["NA", "null", "None", "NaN", "n/a", "x"], [None, None, None, None, None, "x"]),
        (["2-4 weeks", "now"], ["2-4 weeks", "now"]),
        (["1_000", "inf"], ["1_000", "inf"]),
        (["950", "1,234", "12,500,000"], [950, 1234, 12500000]),
        (["$1,200.50", "99.90 €"], [1200.5, 99.9]),
        (["1.234,50", "7"], [1234.5, 7]),
        (["0,125", "1,250"], [0.125, 1.25]),
        (["12 %", "3.5%"], [12, 3.5]),
        (["1 234", "5\u00a0678"], [1234, 5678]),
        (["?", "4", "5.5"], ["?", 4, 5.5]),
        (["031 42", "5"], ["031 42", "5"]),
    ],
)
def test_cells_are_typed_by_their_column(tmp_path, cells, values):
    lines = [f'{number},2026-01-02,,"{cell}"' for number, cell in enumerate(cells)]
    path = write(tmp_path, "\n".join(["id,on,end,x", *lines]))
    assert [lead.attributes.get("x") for lead in leads(path)] == values


def test_a_decimal_comma_is_a_number(tmp_path):
    path = write(tmp_path, "id;on;end;x\nada;2026-01-02;;12,5\nben;2026-01-02;;7\n")
    assert [lead.attributes["x"] for lead in leads(path)] == [12.5, 7]


@pytest.mark.parametrize(
    ("numbers", "stray", "kinds"),
    [(100, "k.A.", {float, str}), (500, "1.5", {float, str}), (1, "k.A.", {str})],
)
def test_a_rare_word_spoils_no_column_of_numbers(tmp_path, numbers, stray, kinds):
    lines = [f"{number};2026-01-02;;{number},5" for number in range(numbers)]
    path = write(tmp_path, "\n".join(["id;on;end;x", *lines, f"last;2026-01-02;;{stray}"]))
    assert {type(lead.attributes["x"]) for lead in leads(path)} == kinds


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234,56", "12,5", "1.234.567", "-2.000"], [1234.56, 12.5, 1234567, -2000]),
        (["1,234.56", "12.5", "1,234,567", "-2,000"], [1234.56, 12.5, 1234567, -2000]),
        (["1.234", "12.5"], [1.234, 12.5]),
        (["1,234", "12,5"], [1.234, 12.5]),
        (["1.23,4", "1,5"], ["1.23,4", "1,5"]),
    ],
)
def test_thousands_may_be_grouped_where_the_column_shows_how(tmp_path, cells, values):
    lines = [f"{number};2026-01-02;;{cell}" for number, cell in enumerate(cells)]
    path = write(tmp_path, "\n".join(["id;on;end;x", *lines]))
    assert [lead.attributes["x"] for lead in leads(path)] == values


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2017-12-31", "2017-01-01"], datetime(2017, 12, 31, tzinfo=UTC)),
        (["2017-12-31T23:00:00+02:00", "2017-01-01"], datetime(2017, 12, 31, 21, tzinfo=UTC)),
        (["31/12/2017", "01/02/2017"], datetime(2017, 12, 31, tzinfo=UTC)),
        (["01/02/2017", "12/31/2017"], datetime(2017, 1, 2, tzinfo=UTC)),
        (["1.2.17 14:05", "3.4.17 09:00"], datetime(2017, 2, 1, 14, 5, tzinfo=UTC)),
        (["1/2/2017 2:05 PM", "1/13/2017 9:00 AM"], datetime(2017, 1, 2, 14, 5, tzinfo=UTC)),
        (["2017/3/4", "2017/3/5"], datetime(2017, 3, 4, tzinfo=UTC)),
        (["4 Mar 2017", "05-Mar-17"], datetime(2017, 3, 4, tzinfo=UTC)),
        (["March 4, 2017", "Mar 5 2017"], datetime(2017, 3, 4, tzinfo=UTC)),
        (["1488585600", "1488672000"], datetime(2017, 3, 4, tzinfo=UTC)),
        (["1488585600000", "1488672000000"], datetime(2017, 3, 4, tzinfo=UTC)),
        (["1488585600000000", "1488672000000000"], datetime(2017, 3, 4, tzinfo=UTC)),
        (["42798", "42799.5"], datetime(2017, 3, 4, tzinfo=UTC)),
        (["42798,25", "42799,5"], datetime(2017, 3, 4, 6, tzinfo=UTC)),
        (
            ["Sat, 04 Mar 2017 10:00:00 GMT", "Sun, 05 Mar 2017 10:00:00 GMT"],
            datetime(2017, 3, 4, 10, tzinfo=UTC),
        ),
        (
            ["2017-03-04 10:00:00.0 +02:00", "2017-03-05 10:00:00.0 +02:00"],
            datetime(2017, 3, 4, 8, tzinfo=UTC),
        ),
        (["2017-03", "2017-04"], datetime(2017, 3, 1, tzinfo=UTC)),
        (["01/03/2017", "02/03/2017", "01/04/2017"], datetime(2017, 3, 1, tzinfo=UTC)),
        (["03/01/2017", "03/02/2017", "04/01/2017"], datetime(2017, 3, 1, tzinfo=UTC)),
        (["01/03/2017", "02/03/2017", "03/03/2017"], datetime(2017, 3, 1, tzinfo=UTC)),
        (["03/01/2017", "03/02/2017", "03/03/2017"], datetime(2017, 3, 1, tzinfo=UTC)),
        (["04/03/2017", "04/03/2017"], datetime(2017, 4, 3, tzinfo=UTC)),
        (["04.03.2017", "04.03.2017"], datetime(2017, 3, 4, tzinfo=UTC)),
    ],
)
def test_dates_are_read_as_the_whole_column_says(tmp_path, cells, first):
    lines = [f'{number},"{cell}",' for number, cell in enumerate(cells)]
    path = write(tmp_path, "\n".join(["id,on,end", *lines]))
    assert leads(path)[0].created_at == first


def test_a_filled_date_means_booked_when_only_dates_are_named(tmp_path):
    path = write(tmp_path, "id,on,won_date\nada,2026-01-02,2026-01-09\nben,2026-01-02,\n")
    ada, ben = leads(path, ColumnMap(id="id", created_at="on", outcome_at="won_date"))
    assert (ada.state, ada.occurred_at) == ("booked", datetime(2026, 1, 9, tzinfo=UTC))
    assert (ben.state, ben.occurred_at) == (None, None)


def test_rows_per_day_gives_dates_to_a_file_in_time_order(tmp_path):
    path = write(tmp_path, "x,y\n" + "1,yes\n" * 4)
    found = leads(path, ColumnMap(outcome="y", rows_per_day=2))
    assert [lead.created_at for lead in found] == [
        datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=12 * number) for number in range(4)
    ]


def test_without_an_id_the_line_is_the_id(tmp_path):
    path = write(tmp_path, "on\n2026-01-02\n2026-01-02\n", name="leads.v2.csv")
    assert [lead.external_id for lead in leads(path, ColumnMap(created_at="on"))] == ["leads:2", "leads:3"]


def test_source_is_a_column_or_a_name(tmp_path):
    path = write(tmp_path, "id,on,origin\nada,2026-01-02,search\nben,2026-01-02,\n")
    by_column = leads(path, ColumnMap(id="id", created_at="on", source="origin"))
    by_name = leads(path, ColumnMap(id="id", created_at="on", source="fair 2026"))
    assert [(lead.source, lead.attributes) for lead in by_column] == [("search", {}), ("", {})]
    assert [lead.source for lead in by_name] == ["fair 2026", "fair 2026"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x,2026-01-02,won", "has 3 cells, the header has 4"),
        ("x,2026-01-02,won,1,2", "has 5 cells, the header has 4"),
        ("x,,won,1", "on is empty"),
        ("x,someday,won,1", "on 'someday' is no date (ISO 8601 is expected)"),
        ("x,0001-01-01,won,1", "on '0001-01-01' is not between the years 1970 and 2200"),
        (",2026-01-02,won,1", "id is empty"),
        ("ada,2026-01-02,won,1", "id 'ada' is on an earlier line too"),
        ("x,2026-01-02,won,a\0b", "holds a NUL byte"),
        ("x" * 201 + ",2026-01-02,won,1", "id is over 200 characters"),
    ],
)
def test_a_bad_row_is_rejected_and_the_rest_goes_in(tmp_path, row, reason):
    path = write(tmp_path, f"id,on,end,n\nada,2026-01-02,won,1\n{row}\nben,2026-01-03,lost,2\n")
    found = read(path)
    assert [one.external_id for one in found if isinstance(one, HistoryLead)] == ["ada", "ben"]
    assert rejects(path) == [(3, reason)]


def test_a_huge_cell_is_one_reject(tmp_path):
    path = write(
        tmp_path,
        "id,on,end,n\nada,2026-01-02,won,a\nx,2026-01-02,won," + "x" * 1_000_000 + "\nben,2026-01-03,,b\n",
    )
    [(line, reason)] = rejects(path)
    assert (line, "field" in reason) == (3, True)


def test_broken_utf8_in_one_line_is_one_reject(tmp_path):
    good = "".join(f"{number},2026-01-02,,Köln\n" for number in range(20))
    path = write(tmp_path, ("id,on,end,city\n" + good).encode() + b"x,2026-01-02,,K\xf6ln\n")
    assert rejects(path) == [(22, "is not valid UTF-8")]


def test_dates_out_of_order_are_rejected_and_the_same_day_is_fine(tmp_path):
    path = write(
        tmp_path,
        "on,arrives,ends\n2026-01-02,2026-01-02,2026-01-02\n2026-01-02,2026-01-01,2026-01-03\n2026-01-02,2026-01-03,2026-01-01\n",
    )
    columns = ColumnMap(created_at="on", matures_at="arrives", outcome_at="ends")
    assert rejects(path, columns) == [
        (3, "matures 2026-01-01, before it came in on 2026-01-02"),
        (4, "ended 2026-01-01, before it came in on 2026-01-02"),
    ]


def test_a_bare_day_may_be_the_lead_s_own_day(tmp_path):
    path = write(tmp_path, "on,ends\n2026-01-02 15:00,2026-01-02\n")
    [lead] = leads(path, ColumnMap(created_at="on", outcome_at="ends"))
    assert lead.occurred_at == lead.created_at


def test_a_file_that_breaks_off_says_so(tmp_path):
    packed = gzip.compress("\n".join(["id,on,end", *(f"{n},2026-01-02,won" for n in range(50_000))]).encode())
    path = write(tmp_path, packed[: len(packed) // 2])
    [(_, reason)] = rejects(path)
    assert reason.startswith("the file breaks off here")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (ColumnMap(created_at="when"), r"no column for --created-at when; it has id, on, end"),
        (ColumnMap(created_at="on", ignore=frozenset({"x"})), r"no column for --ignore x"),
        (ColumnMap(), r"--created-at COLUMN, or --rows-per-day N"),
        (ColumnMap(created_at="end"), r"--created-at end holds no dates: 'won'"),
    ],
)
def test_a_wrong_flag_is_one_clear_error(tmp_path, columns, message):
    with pytest.raises(HistoryError, match=message):
        read(write(tmp_path, "id,on,end\nada,2026-01-02,won\n"), columns)


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"\x1f\x8bnonsense", "cannot be unpacked")]
)
def test_a_file_that_is_none_is_one_clear_error(tmp_path, content, message):
    with pytest.raises(HistoryError, match=message):
        read(write(tmp_path, content))


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(HistoryError, match="cannot be read"):
        read(tmp_path / "nowhere.csv")


def test_columns_that_are_no_attributes_are_left_out_with_a_note(tmp_path):
    prose = "word " * 250
    header = "id,on,end,note,,x,x,lead.hour,mail,phone"
    path = write(tmp_path, f"{header}\nada,2026-01-02,won,{prose},1,2,3,4,ada@example.org,+49 731 12345\n")
    history = History(path, CAST, horizon=HORIZON)
    [lead] = [one for one in history if isinstance(one, HistoryLead)]
    assert lead.attributes == {"column_5": 1, "x": 2, "x_7": 3, "lead_hour": 4}
    assert [note.split(":")[0] for note in history.notes] == [
        "note is left out",
        "lead.hour is called lead_hour",
        "mail is left out",
        "phone is left out",
    ]


def open_files(folder: Path) -> list[str]:
    """What of the folder this process holds open (Linux)."""
    held = (os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())
    return [path for path in held if path.startswith(str(folder))]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists open files")
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_no_file_is_left_open_by_an_error_or_a_reader_that_stops_early(tmp_path, pack):
    text = "id,on,end\n" + "".join(f"{number},2026-01-02,booked\n" for number in range(20_000))
    path = write(tmp_path, pack(text.encode()))
    with pytest.raises(HistoryError) as refused:  # whoever keeps the error keeps the frames that were open
        read(path, ColumnMap(created_at="nowhere"))
    assert open_files(tmp_path) == []
    reader = iter(History(path, CAST, horizon=HORIZON))
    next(reader)
    assert open_files(tmp_path) == [str(path)]
    del reader
    assert open_files(tmp_path) == []
    assert "nowhere" in str(refused.value)


def test_a_few_strangers_do_not_make_words_of_numbers_or_dates(tmp_path):
    lines = [f"{k},2026-01-02,,{k + 0.5},2026-01-{k % 28 + 1:02}" for k in range(98)]
    lines += ["98,2026-01-02,,see note,soon", "99,2026-01-02,,12.5.2,2026-02-31"]
    found = leads(write(tmp_path, "\n".join(["id,on,end,x,day", *lines])))
    assert [type(lead.attributes["x"]) for lead in found] == [float] * 98 + [str] * 2
    assert found[0].attributes["day"] == "2026-01-01"
    assert [lead.attributes["day"] for lead in found[98:]] == ["soon", "2026-02-31"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xef\xbb\xbf", "is empty"),
        (b"PK\x03\x04\x14\x00", "is a zip archive or a workbook, not CSV"),
        (bytes(range(1, 250)), "is no text, not CSV"),
    ],
)
def test_what_is_no_csv_is_named(tmp_path, content, reason):
    with pytest.raises(HistoryError, match=reason):
        read(write(tmp_path, content))


def test_not_all_of_many_columns_are_named(tmp_path):
    path = write(tmp_path, ",".join(f"c{k}" for k in range(500)) + "\n")
    with pytest.raises(HistoryError, match=r"c39 and 460 more$"):
        read(path)


@pytest.mark.parametrize("tail", ["", "\n"])
def test_a_quotation_mark_that_is_never_closed_costs_one_row(tmp_path, tail):
    text = (
        'id,on,end,note\na,2026-01-02,won,"x\ny"\nb,2026-01-02,won,"oh\nc,2026-01-03,won,\nd,2026-01-04,won,z'
    )
    found = read(write(tmp_path, text + tail))
    assert [getattr(one, "external_id", "") for one in found] == ["a", "", "c", "d"]
    assert found[1] == Reject(4, "opens a quotation mark that is never closed")
    assert [one.line for one in found] == [3, 4, 5, 6]


def test_a_quotation_mark_open_over_more_than_a_cell_may_hold_costs_one_row(tmp_path):
    rows = [f"{k},2026-01-02,won,{'x' * 90}" for k in range(3000)]
    found = read(write(tmp_path, "\n".join(["id,on,end,note", 'a,2026-01-02,won,"oh', *rows])))
    assert len(found) == 3001
    assert [one.line for one in found if isinstance(one, Reject)] == [2]


def test_the_line_that_names_the_delimiter_is_no_header(tmp_path):
    found = leads(write(tmp_path, "sep=;\r\nid;on;end\r\na;2026-01-02;won\r\n"))
    assert (found[0].external_id, found[0].line) == ("a", 3)
