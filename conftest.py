"""Fixtures every test may use."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from redis import Redis

from customerops import embedded
from followups import enrolling
from privacy import memory


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Start the throw-away servers when the first test asks for a database; they end with the session."""
    embedded.ensure_servers(durable=False, dies_with_us=True)


@pytest.fixture(scope="session")
def valkey_server() -> None:
    """The throw-away Valkey, for tests that need no database."""
    embedded.ensure_servers(durable=False, dies_with_us=True)


@pytest.fixture(autouse=True)
def _nothing_left_of_others(request: pytest.FixtureRequest) -> None:
    """What no transaction takes back of an earlier test: its keys in Valkey, and policies that were read."""
    if request.node.get_closest_marker("django_db"):
        enrolling.known.forget()  # policies that an earlier test made, and that are gone
        request.getfixturevalue("valkey_server")
        with Redis.from_url(settings.REDIS_URL) as client:
            client.flushdb()


@pytest.fixture
def boss(admin_user: User) -> Client:
    """Somebody who may do everything in the admin."""
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def fresh_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing believed of Redis from an earlier test."""
    memory._store.cache_clear()
    monkeypatch.setattr(memory, "_away_until", 0.0)
