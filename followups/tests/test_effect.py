"""What follow-ups cause: Newcombe's own examples, laws of the intervals, and what is said of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.effect import FEWEST, Side, Verdict, difference, effect, share


def side(booked: int, matured: int) -> Side:
    return Side(enrolled=matured, matured=matured, booked=booked)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe 1998, table II, method 10
        (side(56, 70), side(48, 80), 0.0524, 0.3339),
        (side(9, 10), side(3, 10), 0.1705, 0.8090),
        (side(6, 7), side(2, 7), 0.0582, 0.8062),
        (side(5, 56), side(0, 29), -0.0381, 0.1926),
        (side(0, 10), side(0, 20), -0.1611, 0.2775),
        (side(0, 10), side(0, 10), -0.2775, 0.2775),
        (side(10, 10), side(0, 20), 0.6791, 1.0),
        (side(10, 10), side(0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_is_newcombes(one, other, low, high):
    found = difference(one, other)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


sides = st.integers(1, 5000).flatmap(
    lambda matured: st.builds(side, st.integers(0, matured), st.just(matured))
)


@given(one=sides, other=sides)
def test_the_interval_holds_the_difference_and_turns_with_the_sides(one, other):
    here, there = difference(one, other), difference(other, one)
    assert -1 <= here.low <= here.value + 1e-12
    assert here.value <= here.high + 1e-12 <= 1 + 1e-9
    assert (here.low, here.high) == pytest.approx((-there.high, -there.low))


@given(one=sides)
def test_a_share_lies_within_its_interval(one):
    found = share(one)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value <= found.high + 1e-12 <= 1 + 1e-9


@pytest.mark.parametrize(
    ("followed", "held_out", "verdict", "said"),
    [
        (side(90, 300), Side(0, 0, 0), Verdict.NOTHING_HELD_OUT, "10 %"),
        (
            side(90, 300),
            side(1, FEWEST - 1),
            Verdict.NOT_ENOUGH,
            "Not enough yet: 300 followed and 29 held-out",
        ),
        (Side(50, 0, 0), Side(5, 0, 0), Verdict.NOT_ENOUGH, "0 followed"),
        (side(90, 300), side(10, 40), Verdict.NO_DIFFERENCE, "may be anything from"),
        (side(150, 300), side(20, 100), Verdict.MORE, "more leads book: +30.0 points"),
        (side(20, 300), side(40, 100), Verdict.FEWER, "fewer leads book: -33.3 points"),
    ],
)
def test_it_says_what_may_be_said_and_no_more(followed, held_out, verdict, said):
    found = effect(followed=followed, held_out=held_out)
    assert found.verdict == verdict
    assert said in found.sentence
