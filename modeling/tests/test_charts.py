"""Small charts as text."""

import re

import pytest

from modeling.backtest.charts import Band, Series, over_time, ticks

LABELS = ["a", "b", "c", "d", "e"]


def areas(low, high) -> list[list[tuple[float, float]]]:
    """The corners of each area drawn."""
    svg = over_time(LABELS, [Series("x", "x", [0.5] * 5)], title="t", band=Band("live", low, high))
    found = re.findall(r'<polygon class="band live" points="([^"]*)"/>', svg)
    return [[_corner(corner) for corner in points.split()] for points in found]


def _corner(text: str) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), float(y)


def test_a_band_goes_along_its_upper_line_and_back_along_its_lower():
    [corners] = areas([0.4] * 5, [0.6] * 5)
    across = [x for x, _ in corners]
    assert across[:5] == sorted(across[:5]) == across[:4:-1]
    assert max(y for _, y in corners[:5]) < min(y for _, y in corners[5:])  # up is less in pixels


def test_a_gap_cuts_a_band_and_a_lone_period_is_a_bar():
    cut = areas([0.4, None, 0.4, 0.4, None], [0.6, 0.6, 0.6, 0.6, None])
    assert [len(corners) for corners in cut] == [4, 4]
    alone = [x for x, _ in cut[0]]
    assert max(alone) > min(alone)


def test_the_scale_holds_the_band_as_well():
    svg = over_time(LABELS, [Series("x", "x", [0.5] * 5)], title="t", band=Band("live", [0.1] * 5, [0.9] * 5))
    assert ">0<" in svg
    assert ">1<" in svg


def test_a_chart_without_values_is_drawn():
    svg = over_time(LABELS, [Series("x", "x", [None] * 5)], title="t", band=Band("b", [None] * 5, [None] * 5))
    assert "polygon" not in svg
    assert svg.startswith("<svg")


def test_texts_are_escaped():
    assert "<b>" not in over_time(["<b>"], [Series("<b>", "x", [0.1])], title="<b>")


@pytest.mark.parametrize(
    ("low", "high", "first", "last"), [(0.52, 0.83, 0.5, 0.85), (0, 1, 0, 1), (3, 3, 3, 4)]
)
def test_marks_are_round_and_enclose(low, high, first, last):
    marks = ticks(low, high)
    assert marks[0] <= low <= high <= marks[-1]
    assert marks[0] == pytest.approx(first, abs=0.06)
    assert marks[-1] >= last - 0.06 or high == low
