"""Scores, exact reasons, grades, evidence."""

import timeit
from datetime import UTC, datetime
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeling.features import Bins, FeatureSpec, created_spec
from modeling.scorecard import Card, Pair, Scorecard, Term, sigmoid

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday


def card(**changes) -> Card:
    """Visits by size, channel by name, and what they say together."""
    visits = Term(
        Bins(FeatureSpec("visits", "visits"), edges=(3.0, 10.0)),
        (0.0, -1.0, 0.2, 1.0),
        (5, 400, 300, 200),
        True,
    )
    channel = Term(
        Bins(FeatureSpec("channel", "channel"), categories=("ads", None, "partner")),
        (-0.1, -0.5, 0.0, 0.7),
        (12, 500, 9, 300),
    )
    together = Pair(0, 1, ((0.0,) * 4, (0.0, 0.1, 0.0, -0.4), (0.0,) * 4, (0.0, 0.0, 0.0, 0.6)))
    values = {"base": -0.5, "terms": (visits, channel), "pairs": (together,), "grades": (0.7, 0.4, 0.2)}
    return Card(**{**values, "n_train": 1204, **changes})


@pytest.fixture
def scorecard() -> Scorecard:
    return Scorecard(card(), auc=0.78, version=7)


def test_it_adds_up(scorecard):
    assert scorecard.logit({"visits": 12, "channel": "partner"}, NOON) == pytest.approx(
        -0.5 + 1.0 + 0.7 + 0.6
    )


def test_it_tells_what_it_is(scorecard):
    assert (scorecard.n_train, scorecard.auc, scorecard.version) == (1204, 0.78, 7)
    assert scorecard.features == ("visits", "channel")


def test_effects_and_base_are_the_whole_score(scorecard):
    lead = {"visits": 1, "channel": "partner"}
    effects = scorecard.effects(scorecard.codes(lead, NOON))

    assert effects == pytest.approx(
        [-1.0 - 0.2, 0.7 - 0.2]
    )  # each feature bears half of what they say together
    assert sum(effects) + scorecard.card.base == pytest.approx(scorecard.logit(lead, NOON))


def test_reasons_stand_strongest_first_for_and_against(scorecard):
    score = scorecard.score({"visits": 1, "channel": "partner"}, NOON)

    assert [reason.feature for reason in score.reasons] == ["channel", "visits"]
    assert score.reasons[0].text == "channel is partner (300 past leads)"
    assert score.reasons[1].text == "visits is 2 or less (400 past leads)"
    assert score.reasons[1].effect == pytest.approx(-1.2)
    assert score.reasons[1].value == 1


def test_at_most_three_reasons_each_way():
    terms = tuple(
        Term(Bins(FeatureSpec(f"f{k}", f"f{k}"), edges=()), (0.0, effect), (0, 10))
        for k, effect in enumerate([0.1, 0.5, 0.3, 0.2, -0.1, -0.4, -0.3, -0.2, 0.0])
    )
    score = Scorecard(card(terms=terms, pairs=())).score({f"f{k}": 1 for k in range(9)}, NOON)

    assert [reason.feature for reason in score.reasons] == ["f1", "f2", "f3", "f5", "f6", "f7"]


def test_evidence_is_as_thin_as_its_thinnest_reason(scorecard):
    strong = scorecard.score({"visits": 12, "channel": "partner"}, NOON).evidence
    thin = scorecard.score({"visits": None, "channel": "unheard of"}, NOON).evidence

    assert (strong.leads, strong.similar, strong.level) == (1204, 200, "strong")
    assert thin.level in ("fair", "strong")
    assert Scorecard(card(n_train=150)).score({"visits": 12}, NOON).evidence.level == "thin"


@pytest.mark.parametrize(("p", "grade"), [(0.9, "A"), (0.7, "A"), (0.5, "B"), (0.3, "C"), (0.1, "D")])
def test_grades_are_cut_at_the_card_s_points(scorecard, p, grade):
    assert scorecard.grade(p) == grade


@given(st.floats(allow_nan=False))
def test_the_sigmoid_never_overflows(z):
    assert 0.0 <= sigmoid(z) <= 1.0
    assert sigmoid(log(3)) == pytest.approx(0.75)


@given(
    st.dictionaries(
        st.sampled_from(["visits", "channel", "other"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())),
    )
)
def test_no_value_makes_it_stumble(lead):
    scorecard = Scorecard(card())
    score = scorecard.score(lead, NOON)

    assert 0.0 < score.probability < 1.0
    assert score.probability == scorecard.probability(lead, NOON)


def test_true_is_not_the_number_one(scorecard):
    assert scorecard.codes({"visits": True}, NOON) == [0, 0]


def test_the_moment_of_arrival_is_a_feature():
    bins = Bins(created_spec("weekday"), edges=(2.0,))
    scorecard = Scorecard(card(terms=(Term(bins, (0.0, 0.4, -0.4), (0, 30, 70)),), pairs=()))

    assert scorecard.score({}, NOON).reasons[0].text == "weekday of arrival is Monday (30 past leads)"


def test_it_keeps_the_judged_card_for_the_next_gate():
    scorecard = Scorecard(card(), judged=card(base=0.0))

    assert scorecard.judged.card.base == 0.0
    assert Scorecard(card()).judged is None


@pytest.mark.bench
def test_a_row_takes_ten_microseconds():
    terms = tuple(
        Term(
            Bins(FeatureSpec(f"f{k}", f"f{k}"), edges=tuple(float(e) for e in range(30)))
            if k % 2
            else Bins(FeatureSpec(f"f{k}", f"f{k}"), categories=tuple(f"v{e}" for e in range(31))),
            (0.01,) * 32,
            (1,) * 32,
        )
        for k in range(20)
    )
    pairs = tuple(Pair(k, k + 1, ((0.01,) * 32,) * 32) for k in range(12))
    scorecard = Scorecard(card(terms=terms, pairs=pairs))
    lead = {f"f{k}": 7.5 if k % 2 else "v7" for k in range(20)}
    took = timeit.repeat(lambda: scorecard.probability(lead, NOON), number=500, repeat=10)

    assert min(took) / 500 < 10e-6  # the other rounds also say how busy the machine is
