"""What may be an attribute."""

import pytest

from leads.attributes import Fault, faults


def test_a_flat_object_is_fine():
    assert (
        faults({"budget": 900, "rate": 0.5, "city": "Ulm", "returning": True, "party": None, "a/b": 1}) == []
    )


@pytest.mark.parametrize(
    ("attributes", "pointer", "word"),
    [
        ([], "/attributes", "object"),
        (None, "/attributes", "object"),
        ({"": 1}, "/attributes/", "name"),
        ({"x" * 201: 1}, "/attributes/" + "x" * 201, "name"),
        ({"lead.hour": 1}, "/attributes/lead.hour", "reserved"),
        ({"message.intent": 1}, "/attributes/message.intent", "reserved"),
        ({"a/b~c": []}, "/attributes/a~1b~0c", "must be"),
        ({"nested": {"a": 1}}, "/attributes/nested", "must be"),
        ({"text": "x" * 1001}, "/attributes/text", "1,001"),
        ({"text": "a\0b"}, "/attributes/text", "NUL"),
        ({"a\0b": 1}, "/attributes/a\0b", "NUL"),
        ({"n": float("nan")}, "/attributes/n", "finite"),
        ({"n": float("inf")}, "/attributes/n", "finite"),
        ({"n": 2**63}, "/attributes/n", "64 bits"),
        ({str(n): n for n in range(201)}, "/attributes", "201"),
    ],
)
def test_a_fault_points_at_what_is_wrong(attributes, pointer, word):
    [fault] = faults(attributes)
    assert fault.pointer == pointer
    assert word in fault.detail


def test_every_fault_is_named():
    assert faults({"a": [], "b": {}}, at="/leads/3/attributes") == [
        Fault("/leads/3/attributes/a", "must be a number, a string, true, false or null"),
        Fault("/leads/3/attributes/b", "must be a number, a string, true, false or null"),
    ]
