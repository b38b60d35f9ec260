"""Ids that name a person are refused; every other id is taken."""

import pytest

from privacy import external_ids


@pytest.mark.parametrize(
    "external_id",
    [
        "ann@example.org",
        " Ann.Lee+x@mail.example.co.uk ",
        "crm:ann@example.org",
        "ann%40example.org",
        "ann＠example.org",  # noqa: RUF001 - a full-width sign
        "<ann@example.org>",
    ],
)
def test_an_address_is_refused(external_id):
    assert "e-mail address" in external_ids.fault(external_id)


@pytest.mark.parametrize(
    "external_id",
    [
        "+49 731 12345",
        "+497311234",
        "%2B497311234",
        "tel:0731 12345",
        "(415) 555-0134",
        "415-555-0134",
        "1.415.555.0134",
    ],
)
def test_a_telephone_number_is_refused(external_id):
    assert "telephone number" in external_ids.fault(external_id)


@pytest.mark.parametrize(
    ("external_id", "what"),
    [
        ("4111 1111 1111 1111", "card number"),
        ("3782-822463-10005", "card number"),
        ("219-09-4143", "social security number"),
    ],
)
def test_a_number_as_people_print_it_is_refused(external_id, what):
    assert what in external_ids.fault(external_id)


@pytest.mark.parametrize(
    "external_id",
    [
        "4111 1111 1111 1112",
        "4111111111111111",
        "123-456-78901",
        "ada",
        "4155550134",
        "2026-11-0034",
        "lead@2026",
        "@42",
        "123e4567-e89b-12d3-a456-426614174000",
        "hotel:17",
        "+1",
        "a+1234567",
        "(unknown)",
        "tel:",
        "",
    ],
)
def test_any_other_id_is_taken(external_id):
    assert external_ids.fault(external_id) == ""
