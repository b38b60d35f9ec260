"""Fixtures of the privacy app's tests."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings as django_settings


@pytest.fixture
def store(valkey_server: None) -> Iterator[redis.Redis]:
    """The Redis database of the product, empty before and after."""
    client = redis.Redis.from_url(django_settings.REDIS_URL, decode_responses=True)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()
