"""Features that move with time."""

import numpy as np
import pytest

from modeling.dataset import Column
from modeling.selection import select
from modeling.stationarity import moving, psi
from modeling.tests.worlds import words, world

N = 1500


def test_rates_and_campaigns_of_the_day_move():
    extra = {
        "euribor": Column(numbers=np.arange(N) // 100 * 0.1),
        "campaign": words([f"2025-{k // 200}" for k in range(N)]),
    }
    leads = world(N, extra=extra).leads
    found = moving(select(leads, {}).specs, leads)

    assert set(found) == {"euribor", "campaign"}
    assert "hardly seen before" in found["euribor"]


def test_the_week_does_not():
    leads = world(N).leads
    assert moving(select(leads, {}).specs, leads) == {}


def test_psi_is_nothing_for_the_same_and_much_for_another():
    same = np.array([0.2, 0.3, 0.5])
    assert psi(same, same) == pytest.approx(0.0)
    assert psi(same, same[::-1]) > 0.25
    assert psi(np.array([1.0, 0.0]), np.array([0.0, 1.0])) < np.inf
