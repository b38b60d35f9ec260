"""No test inherits what another process-wide cache believes."""

import pytest

from customerops.api import auth
from modeling import serving
from privacy import memory


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch):
    auth.forget_callers()
    monkeypatch.setattr(serving, "_serving", serving.Serving(role="none"))
    monkeypatch.setattr(memory, "_away_until", 0.0)
