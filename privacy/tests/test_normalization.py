# ruff: noqa: RUF001 - look-alike characters are what this file is about
"""The working copy: what is folded, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.normalization import normalise

FOLDED = [
    ("josé@x．com", b"jose@x.com"),
    ("５５５‑１２３４", b"555-1234"),
    ("٠١٢ ९", b"012 9"),
    ("a\u200bb\u0301c", b"abc"),
    ("Πέτρος Иван Straße", b"Petros Ivan Strasse"),
    ("j%40x.com &#64; &#x40; &commat; a\\u0040b", b"j@x.com @ @ @ a@b"),
    ("%2540 &amp;#64;", b"@ @"),
    ("[EMAIL]!", b" \x1f\x1f\x1f\x1f\x1f !"),
    ("[JOHN]", b"[JOHN]"),
    ("100% sure & \\ glad", b"100% sure & \\ glad"),
]


@pytest.mark.parametrize(("text", "data"), FOLDED)
def test_it_folds(text, data):
    assert normalise(text).data == data


@given(st.text(max_size=60))
def test_it_keeps_the_way_back(text):
    copy = normalise(text)
    places = [copy.source(at, at + 1) for at in range(len(copy.data))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_it_leaves_plain_text_as_it_is(text):
    if not set("%&\\[\x1f") & set(text):
        assert normalise(text).data.decode() == text
