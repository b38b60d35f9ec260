"""A throw-away installation of the product: its own Postgres and Valkey, a served version, a key."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import world


@dataclass(frozen=True, slots=True)
class Product:
    """Where it lives, and a key that may do everything but operate."""

    folder: Path
    key: str


@contextlib.contextmanager
def installed() -> Iterator[Product]:
    """Starts the servers, migrates, promotes the benchmark's scorecard; takes all away at the end."""
    with tempfile.TemporaryDirectory(prefix="customerops-bench-") as folder:
        os.environ["VAR_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        from customerops import embedded
        from customerops.embedded import postgres, valkey

        embedded.ensure_secrets()
        embedded.ensure_servers(dies_with_us=True)  # durable, as in production: a commit is on disk
        try:
            yield Product(Path(folder), _fill())
        finally:
            postgres.stop()
            valkey.stop()


def _fill() -> str:
    import django

    django.setup()
    from django.core.management import call_command

    from customerops.models import ApiKey
    from modeling import registry

    call_command("migrate", verbosity=0)
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
