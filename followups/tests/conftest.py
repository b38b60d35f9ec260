"""Channels and policies of tests."""

import pytest

import followups.channels
from followups import enrolling
from followups.channels import channels
from followups.tests import sinks


@pytest.fixture
def sent(monkeypatch):
    """Messages that arrived through the channels of tests, which are there as well meanwhile."""
    found = []

    def receive(message) -> str:
        found.append(message)
        return "ok"

    monkeypatch.setattr(followups.channels, "__path__", [*followups.channels.__path__, *sinks.__path__])
    channels.cache_clear()
    monkeypatch.setattr(type(channels()["scripted"]), "does", receive, raising=False)
    yield found
    channels.cache_clear()


@pytest.fixture(autouse=True)
def _policies_are_read_anew():
    enrolling.known.forget()
