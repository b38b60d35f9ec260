"""Gives every pytest session a throw-away Postgres and Valkey; loaded before settings are."""

import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="customerops-test-"))
os.environ["VAR_DIR"] = str(FOLDER)
os.environ.pop("DATABASE_URL", None)
os.environ.pop("REDIS_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")

from customerops import embedded  # noqa: E402 - the environment comes first

embedded.ensure_secrets()
(FOLDER / "static").mkdir()


def pytest_unconfigure() -> None:
    """Stop the servers and remove their folder."""
    from customerops.embedded import postgres, valkey

    postgres.stop()
    valkey.stop()
    shutil.rmtree(FOLDER, ignore_errors=True)
