"""A throw-away installation of the product: its own Postgres and Valkey, a served version, a key."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from benchmarks import throwaway, world
from customerops.models import ApiKey
from modeling import registry


@dataclass(frozen=True, slots=True)
class Product:
    """Where it lives, and a key that may do everything but operate."""

    folder: Path
    key: str


@contextlib.contextmanager
def installed() -> Iterator[Product]:
    """The benchmark's scorecard serves, on servers that keep what they are told, as in production."""
    with throwaway.servers(durable=True):
        yield Product(settings.VAR_DIR, _filled())


def _filled() -> str:
    """The key."""
    version = registry.register(
        data=world.artifact_bytes(),
        trained_at=world.CREATED_AT,
        verdict="promote",
        reasons=["for a benchmark"],
        comparison={},
        origin="benchmark",
    )
    registry.promote(version=version.version, judged_against=None, actor="benchmark", reason="to be measured")
    _, key = ApiKey.objects.create_key(name="benchmark", scopes=["read", "write"])
    return str(key)
