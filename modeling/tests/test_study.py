"""What a run reads from the rows before it learns."""

from types import SimpleNamespace

import pytest

from modeling import registry, retraining, study
from modeling.gate import Judgement
from modeling.learning import Rivals
from modeling.recent import load
from modeling.tests.cast import the
from modeling.tests.served import NOW, serving, sloping

pytestmark = pytest.mark.django_db


@pytest.fixture
def learned_with(monkeypatch):
    """What the learning was given; nothing is learned."""
    given = {}
    monkeypatch.setattr(study, "learn", lambda **how: given.update(how) or SimpleNamespace())
    return given


def studied() -> None:
    study.study(champion=registry.champion(), now=NOW, on_progress=retraining.unwatched)


def test_before_the_first_version_there_is_nobody_to_be_held_against(learned_with):
    studied()
    assert (learned_with["champion"], learned_with["best"]) == (None, None)


def test_a_champion_that_is_the_best_so_far_stands_for_both(learned_with):
    first = serving(sloping(0.5)).version_id
    studied()
    assert (learned_with["champion"].version, learned_with["best"]) == (first, None)


def test_a_candidate_is_held_against_the_best_version_too_that_a_fresher_one_replaced(learned_with):
    first = serving(sloping(0.5)).version_id
    second = serving(sloping(0.4), best={"version": first, "beaten": False}).version_id
    studied()
    assert (learned_with["champion"].version, learned_with["best"].version) == (second, first)


def test_the_table_names_the_best_version_for_whoever_judges_next():
    first, second = serving(sloping(0.5)).version, serving(sloping(0.4)).version
    judgement = Judgement("promote", ["fine"], None, {"best": {"beaten": False}})
    both = Rivals(load(second), load(first)).named(judgement)
    alone = Rivals(load(second)).named(judgement)
    assert both.table["best"] == {"beaten": False, "version": first.version}
    assert alone.table["best"]["version"] == second.version
    assert the(judgement.table["best"]) == {"beaten": False}


def test_the_first_of_all_has_no_best_to_name():
    judgement = Judgement("promote", ["fine"], None, {})
    assert Rivals(None).named(judgement) == judgement
