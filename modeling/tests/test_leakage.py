"""Features that give the answer away."""

import numpy as np
import pytest

from modeling.backtest.hindsight import clean
from modeling.dataset import Column, Dataset
from modeling.leakage import separation, surely, suspicions
from modeling.selection import Rule, select
from modeling.tests.worlds import words, world

N = 2000
NOBODY = np.zeros(0, dtype=int)


@pytest.fixture(scope="module")
def leads() -> Dataset:
    return world(N).leads


def looked_at(leads: Dataset, column: Column, *, waiting: int = 0, **rules: Rule):
    """Suspicions about one more attribute, `clue`; the newest `waiting` leads are still open."""
    whole = world(N, extra={"clue": column}).leads
    known = whole.take(np.arange(N - waiting))
    fresh = whole.take(np.arange(N - waiting, N))
    return suspicions(known=known, fresh=fresh, specs=select(known, rules).specs, rules=rules)


def test_honest_features_pass(leads):
    found = suspicions(known=leads, fresh=leads.take(NOBODY), specs=select(leads, {}).specs, rules={})

    assert found.left_out == {}


def test_the_answer_itself_is_named(leads):
    found = looked_at(leads, Column(numbers=1.0 - leads.converted))

    assert "alone separates the outcomes (AUC 1.000)" in found.left_out["clue"]


def test_a_strong_honest_fact_is_not_taken_for_the_answer_among_few_leads():
    few = np.repeat([1, 0], 50).astype(np.int8)[np.random.default_rng(1).permutation(100)]

    assert surely(0.96, few) < 0.95 < surely(0.96, np.tile(few, 20))
    assert surely(1.0, few) == 1.0


def test_a_reason_that_only_lost_leads_have_is_named(leads):
    lost = words(["too dear" if won == 0 and k % 50 else None for k, won in enumerate(leads.converted)])

    assert "separates" in looked_at(leads, lost).left_out["clue"]


def test_the_day_of_the_outcome_is_named(leads):
    closed = [None if np.isnat(at) else str(at)[:10] for at in leads.outcome_at]

    assert "the very day of the outcome" in looked_at(leads, words(closed)).left_out["clue"]


def test_a_date_known_in_advance_passes(leads):
    ahead = [str(at + np.timedelta64(k % 90, "D"))[:10] for k, at in enumerate(leads.created_at)]

    assert looked_at(leads, words(ahead)).left_out == {}


def test_what_open_leads_never_have_is_named(leads):
    signed = [str(k % 7) if won and k % 3 and k < N - 400 else None for k, won in enumerate(leads.converted)]
    found = looked_at(leads, words(signed), waiting=400)

    assert "filled in after the outcome" in found.left_out["clue"]


def test_what_open_leads_have_too_passes(leads):
    plan = [str(k % 7) if k % 3 else None for k in range(N)]

    assert looked_at(leads, words(plan), waiting=400).left_out == {}


def test_a_person_may_allow_it(leads):
    found = looked_at(leads, Column(numbers=1.0 - leads.converted), clue=Rule(use="allow"))

    assert found.left_out == {}
    assert "alone reaches AUC 1.000" in found.look_at["clue"]


def test_what_stands_out_is_pointed_at_and_kept(leads):
    rng = np.random.default_rng(1)
    strong = Column(numbers=leads.converted * 1.6 + rng.normal(size=N))
    found = looked_at(leads, strong)

    assert found.left_out == {}
    assert "is it known before the outcome?" in found.look_at["clue"]


def test_too_few_outcomes_suspect_nothing():
    tiny = world(40).leads.take(np.arange(10))
    assert separation(select(world(40).leads, {}).specs[0], tiny) == 0.5


def test_a_replay_keeps_what_a_person_allowed(leads):
    answered = world(N, extra={"clue": Column(numbers=1.0 * leads.converted)}).leads
    allowed = clean(answered, {"clue": Rule(use="allow")})

    assert set(clean(answered).left_out) == {"clue"}
    assert allowed.left_out == {}
    assert "clue" in allowed.leads.columns
