"""Snapshots become typed columns."""

import numpy as np

from modeling.columns import Columns


def columns_of(*snapshots, at_once=2):
    columns = Columns()
    for first in range(0, len(snapshots), at_once):
        columns.add(snapshots[first : first + at_once])
    return columns.build()


def test_it_keeps_numbers_as_numbers_and_marks_missing_ones():
    found = columns_of({"size": 1}, {"size": 2.5}, {"size": None}, {})["size"]

    np.testing.assert_array_equal(found.numbers, [1.0, 2.5, np.nan, np.nan])
    assert found.codes is None
    assert found.vocabulary == []


def test_it_codes_words_in_order_of_appearance_across_pieces():
    found = columns_of({"city": "Rome"}, {"city": "Oslo"}, {"city": "Rome"}, {})["city"]

    assert found.codes.tolist() == [0, 1, 0, -1]
    assert found.vocabulary == ["Rome", "Oslo"]
    assert found.numbers is None


def test_it_lets_one_attribute_hold_numbers_and_words():
    found = columns_of({"agent": 240}, {"agent": "none"}, {"agent": True}, {"agent": False}, at_once=3)[
        "agent"
    ]

    np.testing.assert_array_equal(found.numbers, [240.0, np.nan, np.nan, np.nan])
    assert [found.vocabulary[code] if code >= 0 else None for code in found.codes] == [
        None,
        "none",
        "true",
        "false",
    ]


def test_it_passes_over_values_no_feature_can_hold():
    assert columns_of({"tags": ["a"]}, {"tags": {"b": 1}}) == {}


def test_it_gives_attributes_that_come_late_to_earlier_leads_as_missing():
    found = columns_of({"a": 1}, {"a": 2}, {"a": 3, "b": "new"})["b"]

    assert found.codes.tolist() == [-1, -1, 0]


def test_it_leaves_out_an_attribute_that_never_held_anything():
    assert columns_of({"a": None}, {"a": None}) == {}
