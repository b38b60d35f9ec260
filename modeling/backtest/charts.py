"""Small SVG charts as text: no library, no script, colours by the page's style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import ceil, floor, log10

WIDTH, HEIGHT = 760, 280
LEFT, RIGHT, TOP, BOTTOM = 48, 18, 12, 34
NARROW = 400  # the width of half a page
HALF_BAR = 4
LETTER = 9  # the room a letter of a period's name takes, with some air

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Series:
    """One line. `style` is its class in the style sheet; None leaves a gap."""

    name: str
    style: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Band:
    """The area between two lines. None leaves a gap; where only one period is told it is a bar."""

    style: str
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` onto pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + share * (self.end - self.start), 1)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers that enclose `low` to `high`."""
    step = 10.0 ** floor(log10(max(high - low, 1e-6) / most))
    step *= next(k for k in (1, 2, 5, 10, 20) if (high - low) / (step * k) <= most)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, max(last, first + 1) + 1)]


def over_time(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    percent: bool = False,
    width: int = WIDTH,
    band: Band | None = None,
) -> str:
    """Lines over periods, perhaps with a band below them; every point tells its figures when pointed at."""
    drawn = [*(line.values for line in series), *([band.low, band.high] if band else [])]
    values = [value for line in drawn for value in line if value is not None]
    marks = ticks(min(values), max(values)) if values else [0.0, 1.0]
    x = Scale(0, max(len(labels) - 1, 1), LEFT + 10, width - RIGHT - 10)
    y = Scale(marks[0], marks[-1], HEIGHT - BOTTOM, TOP)
    parts = [_across(y(mark), f"{mark:.0%}" if percent else f"{mark:.4g}", width) for mark in marks]
    every = _every(labels, width)
    parts += [_text(x(k), HEIGHT - 12, labels[k], "middle") for k in range(0, len(labels), every)]
    parts += _areas(band, x, y) if band else []
    for line in reversed(series):  # the first on top
        points = [(x(k), y(value)) if value is not None else None for k, value in enumerate(line.values)]
        parts += [_path(run, line.style) for run in _runs(points)]
        for k, value in enumerate(line.values):
            if value is not None:
                told = (
                    f"{labels[k]} · {line.name}: {value:.1%}"
                    if percent
                    else f"{labels[k]} · {line.name}: {value:.3f}"
                )
                parts.append(_dot(x(k), y(value), line.style, told))
    return _svg(parts, title, width)


def _areas(band: Band, x: Scale, y: Scale) -> list[str]:
    """A polygon for each stretch without a gap."""
    edges = [
        None if low is None or high is None else (x(k), y(low), y(high))
        for k, (low, high) in enumerate(zip(band.low, band.high, strict=True))
    ]
    areas = []
    for told, stretch in groupby(edges, key=lambda edge: edge is not None):
        if told:
            known = [edge for edge in stretch if edge is not None]
            wide = known if len(known) > 1 else _widened(*known[0])
            outline = [(at, high) for at, _, high in wide] + [(at, low) for at, low, _ in reversed(wide)]
            points = " ".join(f"{at},{level}" for at, level in outline)
            areas.append(f'<polygon class="band {band.style}" points="{points}"/>')
    return areas


def _widened(at: float, low: float, high: float) -> list[tuple[float, float, float]]:
    return [(at - HALF_BAR, low, high), (at + HALF_BAR, low, high)]


def reliability(series: Sequence[tuple[str, str, Sequence[Point]]], *, title: str) -> str:
    """Mean score (across) against actual rate (up), with the diagonal of perfect calibration."""
    width = NARROW
    values = [value for _, _, points in series for point in points for value in point]
    marks = ticks(min(values, default=0.0), max(values, default=1.0))
    x = Scale(marks[0], marks[-1], LEFT, width - RIGHT)
    y = Scale(marks[0], marks[-1], HEIGHT - BOTTOM, TOP)
    parts = [_across(y(mark), f"{mark:.0%}", width) for mark in marks]
    parts += [_text(x(mark), HEIGHT - 12, f"{mark:.0%}", "middle") for mark in marks]
    parts.append(_path([(x(marks[0]), y(marks[0])), (x(marks[-1]), y(marks[-1]))], "ideal"))
    for name, style, points in series:
        parts.append(_path([(x(score), y(rate)) for score, rate in points], style))
        for score, rate in points:
            parts.append(_dot(x(score), y(rate), style, f"{name}: said {score:.1%}, was {rate:.1%}"))
    return _svg(parts, title, width)


def timeline(labels: Sequence[str], verdicts: Sequence[tuple[str, str]]) -> str:
    """One mark a learning: (verdict, what to tell), and a bar for as long as each promoted version served."""
    x = Scale(0, max(len(labels), 1), LEFT, WIDTH - RIGHT)
    promoted = [k for k, (verdict, _) in enumerate(verdicts) if verdict == "promote"]
    parts = []
    for number, start in enumerate(promoted):
        end = promoted[number + 1] if number + 1 < len(promoted) else len(labels)
        told = f"learned {escape(labels[start])}, served {end - start} period(s)"
        place = f'x="{x(start)}" y="34" width="{round(x(end) - x(start), 1)}" height="16" rx="3"'
        parts.append(f'<rect class="served{number % 2}" {place}><title>{told}</title></rect>')
    for k, (verdict, told) in enumerate(verdicts):
        parts.append(_dot(x(k), 20, verdict, told, radius=6))
    every = _every(labels, WIDTH)
    parts += [_text(x(k), 70, labels[k], "middle") for k in range(0, len(labels), every)]
    return _svg(parts, "Versions over time", WIDTH, 80)


def _every(labels: Sequence[str], width: int) -> int:
    """Every how many-th name has room."""
    return max(1, ceil(len(labels) * LETTER * max(map(len, labels), default=1) / (width - LEFT - RIGHT)))


def _runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """The pieces of a line between its gaps."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _svg(parts: Sequence[str], title: str, width: float, height: float = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def _across(y: float, label: str, width: float = WIDTH) -> str:
    line = f'<line class="grid" x1="{LEFT}" x2="{width - RIGHT}" y1="{y}" y2="{y}"/>'
    return line + _text(LEFT - 8, y + 4, label, "end")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _path(points: Sequence[Point], style: str) -> str:
    return f'<polyline class="line {style}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'


def _dot(x: float, y: float, style: str, told: str, radius: float = 3.5) -> str:
    return (
        f'<circle class="dot {style}" cx="{x}" cy="{y}" r="{radius}"><title>{escape(told)}</title></circle>'
    )
