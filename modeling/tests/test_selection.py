"""Which attributes become features."""

import numpy as np
import pytest

from modeling.dataset import Column
from modeling.leakage import separation
from modeling.selection import Rule, numbers_as_names, select
from modeling.tests.worlds import words, world

N = 1000
RNG = np.random.default_rng(9)


def selected(name: str, column: Column, **rules: Rule):
    return select(world(N, extra={name: column}).leads, rules)


def names(selection) -> set[str]:
    return {spec.name for spec in selection.specs}


@pytest.mark.parametrize(
    ("name", "column", "reason"),
    [
        ("email_hash", words([f"u{k}" for k in range(N)]), "identifier or free text"),
        ("message", words([f"text {k // 2}" for k in range(N)]), "identifier or free text"),
        ("country", words(["PT"] * N), "the same for every lead"),
        ("flag", Column(numbers=np.ones(N)), "the same for every lead"),
        ("fax", words(["yes"] * 3 + [None] * (N - 3)), "almost empty: 3 of 1,000"),
        ("gone", words([None] * N), "almost empty: 0 of 1,000"),
        ("nothing", Column(), "almost empty"),
        ("row", Column(numbers=np.arange(N, dtype=float)), "identifier"),
        ("account_id", Column(numbers=RNG.permutation(N).astype(float)), "identifier"),
    ],
)
def test_it_leaves_out_what_cannot_be_learned_from(name, column, reason):
    found = selected(name, column)

    assert reason in found.left_out[name]
    assert name not in names(found)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("company", words(["yes" if k % 3 else None for k in range(N)])),  # missing or not says something
        ("income", Column(numbers=RNG.permutation(N).astype(float) * 17)),
        ("weird", words(["🙂", "ü", "", "a" * 900, "\n"] * (N // 5))),
        ("mixed", Column(numbers=np.where(RNG.random(N) < 0.5, np.nan, 3.0), codes=np.full(N, -1, np.int32))),
        ("endless", Column(numbers=np.where(RNG.random(N) < 0.1, np.inf, RNG.random(N)))),
    ],
)
def test_it_keeps_what_may_tell_something(name, column):
    assert name in names(selected(name, column))


def test_dates_become_three_features():
    days = [f"2025-0{1 + k % 9}-1{k % 10}" for k in range(N)]

    assert {"visit.days_ahead", "visit.month", "visit.weekday"} <= names(selected("visit", words(days)))


def test_arrival_is_a_feature_where_it_varies():
    assert {"lead.hour", "lead.weekday"} <= names(select(world(N).leads, {}))


def test_people_ban_and_allow():
    channel = words(["ads"] * N)
    assert "banned by a person" in selected("plan", channel, plan=Rule(use="ban")).left_out["plan"]
    assert "plan" in names(selected("plan", channel, plan=Rule(use="allow")))
    assert "lead.hour" in select(world(N).leads, {"lead.hour": Rule(use="ban")}).left_out


def test_even_a_person_cannot_allow_emptiness():
    assert "gone" not in names(selected("gone", words([None] * N), gone=Rule(use="allow")))


def test_numbers_that_are_names_are_found():
    n = 4000
    base = world(n).leads
    rng = np.random.default_rng(3)
    agents = rng.permutation(60)
    liking = np.where(base.converted == 1, rng.integers(0, 30, n), rng.integers(25, 60, n))
    extra = {"agent": Column(numbers=agents[liking].astype(float))}
    leads = world(n, extra=extra).leads

    assert numbers_as_names(select(leads, {}).specs, leads, separation) == {"agent"}
