"""Choosing bins and coding with them: training and serving must agree on every value."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modeling.binning import code, fit_bins, number_edges, whole_numbers
from modeling.dataset import Column, Dataset
from modeling.features import Bins, FeatureSpec, created_spec, date_specs
from modeling.scorecard import Card, Scorecard, Term

BORN = datetime(2026, 3, 4, 13, 30, tzinfo=UTC)
NUMBERS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-50, 50),
    st.floats(allow_nan=False),
    st.sampled_from(["a", "b", "ü", "", "2026-03-11", "2026-04-01T10:00:00Z"]),
)


def dataset(values: list, converted: list[int] | None = None) -> Dataset:
    """Leads with one attribute `x` of mixed JSON values."""
    n = len(values)
    spoken = [str(v).lower() if isinstance(v, bool) else v for v in values]
    numbers = np.array([float(v) if isinstance(v, int | float) else np.nan for v in spoken])
    vocabulary = sorted({v for v in spoken if isinstance(v, str)})
    codes = np.array([vocabulary.index(v) if isinstance(v, str) else -1 for v in spoken], dtype=np.int32)
    born = np.full(n, np.datetime64(BORN.replace(tzinfo=None), "us"))
    return Dataset(
        ids=np.array([str(k) for k in range(n)], dtype=object),
        created_at=born,
        matures_at=born,
        outcome_at=born,
        converted=np.array(converted or [k % 2 for k in range(n)], dtype=np.int8),
        columns={"x": Column(numbers=numbers, codes=codes, vocabulary=vocabulary)},
    )


def served(bins: Bins, value: object) -> int:
    """The bin a web process puts the value into."""
    zeros = (0.0,) * bins.size
    term = Term(bins=bins, table=zeros, support=(0,) * bins.size)
    card = Card(base=0.0, terms=(term,), pairs=(), grades=(0.8, 0.5, 0.2), n_train=0)
    return Scorecard(card).codes({"x": value}, BORN)[0]


@settings(max_examples=150, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=60), st.lists(NUMBERS, max_size=20), st.booleans())
def test_serving_codes_like_training(seen, unseen, as_names):
    specs = [FeatureSpec("x", "x"), *date_specs("x"), created_spec("hour")]
    for spec in specs:
        bins = fit_bins(spec, dataset(seen * 10), as_names=as_names and spec.transform == "value")
        if bins.edges is None and spec.transform != "value":
            continue
        values = seen + unseen
        assert code(bins, dataset(values)).tolist() == [served(bins, value) for value in values]


@pytest.mark.parametrize("value", [[], {}, float("nan"), 10**400, "never seen", b"bytes", object()])
def test_odd_values_never_raise(value):
    for bins in (
        Bins(FeatureSpec("x", "x"), edges=(1.0,)),
        Bins(FeatureSpec("x", "x"), categories=("a", None, 3.0)),
        Bins(FeatureSpec("x", "x"), edges=(1.0,), categories=("a",)),
    ):
        assert 0 <= served(bins, value) < bins.size


def test_few_values_have_a_bin_each():
    assert number_edges(np.array([3.0, 1.0, 2.0, 2.0])) == (2.0, 3.0)


def test_a_very_common_value_has_its_own_bin():
    numbers = np.concatenate([np.zeros(900), np.random.default_rng(0).random(1000) + 1])
    edges = number_edges(numbers)

    assert edges[0] > 0  # bin 1 is zero alone
    assert len(edges) < 64


def test_infinite_and_huge_numbers_make_no_edges():
    assert number_edges(np.array([np.inf, -np.inf, np.nan, 1e305, 1.0, 2.0])) == (2.0,)


def test_constant_numbers_need_no_edge():
    assert number_edges(np.full(10, 7.0)) == ()
    assert number_edges(np.full(10, np.nan)) == ()


def test_names_stand_in_order_of_how_well_they_convert():
    values = ["good"] * 40 + ["bad"] * 40 + ["rare"] * 3
    bins = fit_bins(FeatureSpec("x", "x"), dataset(values, [1] * 40 + [0] * 40 + [1, 0, 1]))

    assert bins.categories == ("bad", None, "good")


def test_numbers_can_be_names():
    values = [240.0] * 30 + [9.0] * 30
    bins = fit_bins(FeatureSpec("x", "x"), dataset(values, [0] * 30 + [1] * 30), as_names=True)

    assert bins.categories == (240.0, 9.0)
    assert bins.edges is None


def test_the_order_of_a_vocabulary_does_not_matter():
    leads = dataset(["a"] * 20 + ["b"] * 20 + ["c"] * 20)
    column = leads.columns["x"]
    turned = Column(numbers=column.numbers, codes=2 - column.codes, vocabulary=column.vocabulary[::-1])
    other = Dataset(**{**leads.__dict__, "columns": {"x": turned}})

    assert fit_bins(FeatureSpec("x", "x"), leads) == fit_bins(FeatureSpec("x", "x"), other)


def test_it_tells_whole_numbers():
    assert whole_numbers(FeatureSpec("x", "x"), dataset([1.0, 2.0, None]))
    assert not whole_numbers(FeatureSpec("x", "x"), dataset([1.5, 2.0]))
    assert not whole_numbers(FeatureSpec("x", "x"), dataset(["a"]))
