"""Bodies of leads and scores, fault by fault."""

from datetime import UTC, datetime, timedelta

import pytest

from customerops.api import bodies
from customerops.api.fields import RefusedError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def faults(body: object, *, at: str = "") -> list[tuple[str, str]]:
    with pytest.raises(RefusedError) as refused:
        bodies.new_lead(body, now=NOW, at=at)
    return [(fault.pointer, fault.detail) for fault in refused.value.faults]


def test_a_whole_lead_is_read():
    lead = bodies.new_lead(
        {
            "external_id": "ada",
            "source": "partner",
            "attributes": {"nights": 3, "city": "Ulm", "loyal": True, "rate": 0.5, "note": None},
            "contact": {"name": "Ada", "email": "ada@example.org", "phone": "+49 731 1234"},
            "timezone": "Europe/Berlin",
            "created_at": "2026-11-20T10:00:00+01:00",
            "matures_at": "2026-12-24",
        },
        now=NOW,
    )
    assert lead.created_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert lead.matures_at == datetime(2026, 12, 24, tzinfo=UTC)
    assert lead.attributes["note"] is None
    assert lead.contact == {"name": "Ada", "email": "ada@example.org", "phone": "+49 731 1234"}


def test_everything_may_be_left_out_or_null():
    empty = bodies.new_lead({}, now=NOW)
    assert empty == bodies.new_lead(dict.fromkeys(bodies.LEAD_KEYS), now=NOW)
    assert (empty.created_at, empty.matures_at, empty.contact, empty.timezone) == (NOW, None, None, "UTC")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ("ada", ""),
        ({"colour": 1}, "/colour"),
        ({"a/b~c": 1}, "/a~1b~0c"),
        ({"attributes": []}, "/attributes"),
        ({"attributes": {"x": {"y": 1}}}, "/attributes/x"),
        ({"attributes": {"x": [1]}}, "/attributes/x"),
        ({"attributes": {"lead.source": 1}}, "/attributes/lead.source"),
        ({"attributes": {"message.intent": 1}}, "/attributes/message.intent"),
        ({"attributes": {"": 1}}, "/attributes/"),
        ({"attributes": {"x": "y" * 1001}}, "/attributes/x"),
        ({"attributes": {"x": "\0"}}, "/attributes/x"),
        ({"attributes": {str(n): n for n in range(201)}}, "/attributes"),
        ({"source": 1}, "/source"),
        ({"source": "x" * 101}, "/source"),
        ({"source": "a\0"}, "/source"),
        ({"external_id": " "}, "/external_id"),
        ({"external_id": "x" * 201}, "/external_id"),
        ({"external_id": "ann@example.org"}, "/external_id"),
        ({"external_id": "+49 731 12345"}, "/external_id"),
        ({"contact": "ada"}, "/contact"),
        ({"contact": {"fax": "1"}}, "/contact/fax"),
        ({"contact": {"email": "ada"}}, "/contact/email"),
        ({"contact": {"phone": "call me"}}, "/contact/phone"),
        ({"timezone": "Mars/Base"}, "/timezone"),
        ({"timezone": "../etc/passwd"}, "/timezone"),
        ({"created_at": "yesterday"}, "/created_at"),
        ({"created_at": 1700000000}, "/created_at"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "/created_at"),
        ({"created_at": "1969-12-31"}, "/created_at"),
        ({"created_at": "2026-11-24"}, "/created_at"),
        ({"created_at": "2026-11-20", "matures_at": "2026-11-19"}, "/matures_at"),
        ({"matures_at": "2226-11-19"}, "/matures_at"),
    ],
)
def test_each_fault_has_its_pointer(body, pointer):
    assert [found for found, _ in faults(body)] == [pointer]


def test_all_faults_are_told_at_once_below_the_item():
    found = faults({"colour": 1, "source": 2, "attributes": {"x": []}}, at="/7")
    assert [pointer for pointer, _ in found] == ["/7/colour", "/7/source", "/7/attributes/x"]


def test_a_clock_that_runs_a_little_ahead_is_believed():
    soon = NOW + timedelta(minutes=4)
    assert bodies.question({"created_at": soon.isoformat()}, now=NOW).created_at == soon


def test_a_question_takes_no_contact():
    with pytest.raises(RefusedError):
        bodies.question({"contact": {}}, now=NOW)


def test_unknown_keys_are_told_without_what_is_personal_and_not_all_of_them():
    told = faults({"ann@example.org": 1, **{f"k{n}": 1 for n in range(50)}})
    assert told[0][0] == "/[EMAIL]"
    assert len(told) == 10
    assert faults({"x" * 300: 1})[0][0] == "/" + "x" * 200 + "…"
