"""Sets up the product in a throw-away folder when it is imported: what comes after it may import models.

One folder for a run: children are told of it in their environment, and its maker removes it at the end.
Where Django is set up already, as under pytest, nothing happens.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator

import django
from django.apps import apps
from django.core.management import call_command

from benchmarks.ports import free_port
from customerops import embedded
from customerops.embedded import postgres, valkey

HANDED_DOWN = "BENCH_FOLDER"  # to children; without it, one makes a folder of its own
# Of whoever started us: servers, secrets and folders that are not ours, and what would turn callers away.
OF_OTHERS = (
    "DATABASE_URL", "REDIS_URL", "BROKER_URL", "EMAIL_URL", "PUBLIC_URL",
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "CONTACT_ENCRYPTION_KEYS", "SUBJECT_KEYS",
    "STATIC_ROOT", "LOG_FILES", "PROMETHEUS_MULTIPROC_DIR",
    "ALLOWED_HOSTS", "HTTPS", "BEHIND_PROXY",
)  # fmt: skip


@contextlib.contextmanager
def servers(*, durable: bool) -> Iterator[None]:
    """Postgres with the product's tables, and Valkey, while the block runs; durable: a commit is on disk."""
    try:
        embedded.ensure_servers(durable=durable, dies_with_us=True)
        call_command("migrate", verbosity=0)
        yield
    finally:
        postgres.stop()
        valkey.stop()


def _move_in() -> None:
    folder = tempfile.mkdtemp(prefix="customerops-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in OF_OTHERS:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ |= {HANDED_DOWN: folder, "VAR_DIR": folder, **_settings()}
    embedded.ensure_secrets()


def _settings() -> dict[str, str]:
    """What the benchmarks need among them."""
    port = free_port()
    return {
        "DJANGO_SETTINGS_MODULE": "customerops.settings",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WEB_WORKERS": "2",
        "DEMO": "0",
        "LOG_LEVEL": "ERROR",
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "FOLLOWUP_FROM": "Ada of Shop <ada@shop.example>",
        "FOLLOWUP_PRIVATE_RECEIVERS": "127.0.0.0/8",
    }


if not apps.ready:
    if HANDED_DOWN not in os.environ:
        _move_in()
    django.setup()
