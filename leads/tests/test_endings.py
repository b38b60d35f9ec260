"""How the words of other systems are understood."""

import pytest

from leads.csvfile import ColumnMap, HistoryError
from leads.endings import parse_map
from leads.tests.test_csvfile import leads, read, rejects, write


@pytest.mark.parametrize(
    ("values", "states"),
    [
        (["booked", "qualified", "nurture", "ghosted", "unqualified", "spam"],) * 2,
        (["Yes", "no"], ["booked", "ghosted"]),
        (["1", "0"], ["booked", "ghosted"]),
        (["1.0", "0.0"], ["booked", "ghosted"]),
        (["TRUE", "False"], ["booked", "ghosted"]),
        (["Closed Won", "closed-lost", "Open"], ["booked", "ghosted", None]),
        (["Check-Out", "Canceled", "No-Show"], ["booked", "ghosted", "ghosted"]),
    ],
)
def test_obvious_endings_need_no_map(tmp_path, values, states):
    lines = [f"{number},2026-01-02,{value}" for number, value in enumerate(values)]
    path = write(tmp_path, "\n".join(["id,on,end", *lines]))
    assert [lead.state for lead in leads(path)] == states


def test_a_map_goes_before_the_known_words(tmp_path):
    path = write(tmp_path, "id,on,end\na,2026-01-02,Gold\nb,2026-01-02,WON\nc,2026-01-02,later=x\n")
    mapping = parse_map("gold=booked, Won=qualified,later=x=none")
    found = leads(path, ColumnMap(id="id", created_at="on", outcome="end", mapping=mapping))
    assert [lead.state for lead in found] == ["booked", "qualified", None]


@pytest.mark.parametrize("text", ["Gold", "Gold=silver", "=", "a=booked,b"])
def test_a_map_that_says_nothing_is_refused(text):
    with pytest.raises(ValueError, match="VALUE=STATE"):
        parse_map(text)


def test_unknown_endings_are_rejected_with_what_was_seen(tmp_path):
    path = write(tmp_path, "id,on,end\na,2026-01-02,won\nb,2026-01-02,Zulu\nc,2026-01-02,Zulu\n")
    [(line, reason), _] = rejects(path)
    assert line == 3
    assert "'Zulu' is no known ending" in reason
    assert "Zulu (2), won (1)" in reason
    assert "--map" in reason


def test_a_file_with_unknown_endings_alone_is_one_error(tmp_path):
    path = write(tmp_path, "id,on,end\na,2026-01-02,alpha\nb,2026-01-02,beta\n")
    with pytest.raises(HistoryError, match=r"no value of end says.*alpha \(1\), beta \(1\).*--map"):
        read(path)


def test_yes_in_a_column_of_bad_endings_is_not_taken_for_booked(tmp_path):
    path = write(tmp_path, "id,on,is_canceled\na,2026-01-02,1\nb,2026-01-02,0\n")
    with pytest.raises(HistoryError, match="no value of is_canceled"):
        read(path, ColumnMap(id="id", created_at="on", outcome="is_canceled"))
