"""The bars of the calendar as SVG: certain below, expected above, coloured by the admin's style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

from followups.forecasting import Calendar

WIDTH, HEIGHT = 760, 200
LEFT, BOTTOM, TOP = 44, 24, 10
GAP = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: its place, both heights, and what it tells when pointed at."""

    x: float
    width: float
    middle: float
    certain_y: float
    certain_height: float
    expected_y: float
    expected_height: float
    label: str
    told: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All of it."""

    bars: Sequence[Bar]
    marks: Sequence[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM
    labels_at: int = HEIGHT - 8


def chart(calendar: Calendar) -> Chart:
    """Of a calendar; bars are as high as the fullest day asks."""
    totals = [(sum(day.certain), sum(day.expected)) for day in calendar.days]
    most = max([1.0, *(certain + expected for certain, expected in totals)])
    step = (WIDTH - LEFT) / len(totals)
    scale = (HEIGHT - BOTTOM - TOP) / most
    floor = HEIGHT - BOTTOM
    bars = []
    for number, (day, (certain, expected)) in enumerate(zip(calendar.days, totals, strict=True)):
        x, low, high = LEFT + number * step, certain * scale, expected * scale
        bars.append(
            Bar(
                x=round(x + GAP / 2, 1),
                width=round(step - GAP, 1),
                middle=round(x + step / 2, 1),
                certain_y=round(floor - low, 1),
                certain_height=round(low, 1),
                expected_y=round(floor - low - high, 1),
                expected_height=round(high, 1),
                label=f"{day.day:%d}.",
                told=f"{day.day:%a %d %b}: {certain:,} wait, about {expected:,.0f} more expected",
            )
        )
    marks = [(round(floor - share * most * scale, 1), f"{share * most:,.0f}") for share in (0, 0.5, 1)]
    return Chart(bars, marks)
