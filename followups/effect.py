"""What following up causes: leads that were followed against those a draw held out. Pure.

Reference: R. G. Newcombe, "Interval estimation for the difference between independent proportions",
Statistics in Medicine 17 (1998) 873-890, method 10: Wilson's score interval of each share.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

Z = 1.959964  # 95 %
FEWEST = 30  # matured leads on each side, before anything is said of a difference


@dataclass(frozen=True, slots=True)
class Interval:
    """A share or a difference, with the bounds that hold it in 95 of 100 cases."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Side:
    """Followed or held out: all enrolled, those old enough to be judged, and of these the booked."""

    enrolled: int
    matured: int
    booked: int


class Verdict(StrEnum):
    """What may be said."""

    NOTHING_HELD_OUT = "nothing_held_out"
    NOT_ENOUGH = "not_enough"
    NO_DIFFERENCE = "no_difference"
    MORE = "more"
    FEWER = "fewer"


@dataclass(frozen=True, slots=True)
class Effect:
    """Both sides, the difference where there is one to tell, and the sentence for whoever asks."""

    followed: Side
    held_out: Side
    difference: Interval | None
    verdict: Verdict
    sentence: str


def effect(*, followed: Side, held_out: Side) -> Effect:
    """How many more leads booked because they were followed up."""
    between = difference(followed, held_out) if followed.matured and held_out.matured else None
    verdict = _verdict(followed, held_out, between)
    return Effect(followed, held_out, between, verdict, _sentence(verdict, followed, held_out, between))


def share(side: Side) -> Interval | None:
    """Of the matured the booked, by Wilson's score interval; None before any has matured."""
    if not side.matured:
        return None
    number, part = side.matured, side.booked / side.matured
    middle = part + Z**2 / (2 * number)
    reach = Z * sqrt(part * (1 - part) / number + Z**2 / (4 * number**2))
    scale = 1 + Z**2 / number
    return Interval(part, max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale))


def difference(one: Side, other: Side) -> Interval | None:
    """The share of `one` less that of `other`, by Newcombe's method 10."""
    first, second = share(one), share(other)
    if first is None or second is None:
        return None
    value = first.value - second.value
    down = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    up = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Interval(value, max(-1.0, value - down), min(1.0, value + up))


def _verdict(followed: Side, held_out: Side, between: Interval | None) -> Verdict:
    if not held_out.enrolled:
        return Verdict.NOTHING_HELD_OUT
    if between is None or min(followed.matured, held_out.matured) < FEWEST:
        return Verdict.NOT_ENOUGH
    if between.low > 0:
        return Verdict.MORE
    return Verdict.FEWER if between.high < 0 else Verdict.NO_DIFFERENCE


def _sentence(verdict: Verdict, followed: Side, held_out: Side, between: Interval | None) -> str:
    match verdict:
        case Verdict.NOTHING_HELD_OUT:
            return (
                "Nobody is held out, so nobody can tell what these follow-ups cause. "
                "Hold out a share of the leads, 10 % for example, and this page will tell."
            )
        case Verdict.NOT_ENOUGH:
            return (
                f"Not enough yet: {followed.matured:,} followed and {held_out.matured:,} held-out leads "
                f"are old enough to be judged; a difference is told from {FEWEST} on each side."
            )
    assert between is not None  # noqa: S101 - for the type checker
    points = f"{between.low * 100:+.1f} to {between.high * 100:+.1f} points"
    match verdict:
        case Verdict.MORE:
            return f"Following up makes more leads book: {between.value * 100:+.1f} points (95 %: {points})."
        case Verdict.FEWER:
            return f"Following up makes fewer leads book: {between.value * 100:+.1f} points (95 %: {points})."
    return f"No difference is shown so far: it may be anything from {points} (95 %)."
