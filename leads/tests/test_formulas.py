"""Cells a spreadsheet must not run."""

import pytest

from leads import formulas

TEXTS = [
    "=1+1",
    "+49",
    "-x",
    "@home",
    "'quoted",
    "\tx",
    "5",
    "1e5",
    "true",
    "NA",
    "plain",
    "a,b",
    "",
    "2-4 weeks",
]


@pytest.mark.parametrize("text", TEXTS)
def test_neutralised_text_comes_back(text):
    cell = formulas.neutralise(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert formulas.restore(cell) == text


def test_an_attribute_called_like_a_fixed_column_keeps_its_name():
    for name in ("state", "attribute.state", "budget", "=cmd"):
        assert formulas.attribute_name(formulas.column_name(name)) == name
    assert formulas.column_name("state") == "attribute.state"
