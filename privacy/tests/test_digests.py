"""Keyed digests: all spellings of a value share one, and without the key there is none."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from privacy import digests
from privacy.digests import Name, digest


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        (Name.EMAIL, "ada@example.org", " ADA@Example.ORG "),
        (Name.EMAIL, "ada@example.org", "\uff41da@example.org"),
        (Name.PHONE, "+49 731 1234567", "0049731 123-4567"),
        (Name.PHONE, "+49 731 1234567", "+49 (0) 731 1234567"),
        (Name.PHONE, "0731 1234567", "(0731) 123.4567"),
    ],
)
def test_spellings_of_one_value_meet(name, one, other):
    assert digest(name, one) == digest(name, other)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        (Name.EMAIL, "ada@example.org", "ada+home@example.org"),
        (Name.PHONE, "+49 731 1234567", "0731 1234567"),  # it may be anybody's, elsewhere
        (Name.EXTERNAL_ID, "a", "A"),
        (Name.EXTERNAL_ID, "a", "a "),
    ],
)
def test_different_values_do_not(name, one, other):
    assert digest(name, one) != digest(name, other)


def test_a_value_has_another_digest_under_each_name():
    assert len({digest(name, "12345") for name in Name}) == len(Name)


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(value):
    for name in Name:
        once = digests.normalised(name, value)
        assert digests.normalised(name, once) == once


def test_nothing_has_no_digest():
    for name, value in ((Name.PHONE, "call me"), (Name.EMAIL, " "), (Name.EXTERNAL_ID, "")):
        assert digest(name, value) is None


def test_the_first_key_makes_and_all_are_looked_for(settings):
    settings.SUBJECT_KEYS = ["old"]
    [before] = digests.digests(Name.EMAIL, "ada@example.org")
    seal = digests.sealed("receipt", b"x")
    settings.SUBJECT_KEYS = ["new", "old"]
    newer, older = digests.digests(Name.EMAIL, "ada@example.org")
    assert older == before != newer == digest(Name.EMAIL, "ada@example.org")
    assert digests.is_sealed(seal, "receipt", b"x")
    assert not digests.is_sealed(seal, "tombstone", b"x")
    settings.SUBJECT_KEYS = ["new"]
    assert not digests.is_sealed(seal, "receipt", b"x")


def test_without_a_key_it_says_so(settings):
    settings.SUBJECT_KEYS = []
    with pytest.raises(ImproperlyConfigured, match="SUBJECT_KEYS is empty"):
        digest(Name.EMAIL, "ada@example.org")
