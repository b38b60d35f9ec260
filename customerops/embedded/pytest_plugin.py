"""Gives every pytest session a throw-away Postgres and Valkey; loaded before settings are."""

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from customerops.embedded.processes import is_gone

PREFIX = "customerops-test-"


def _remove_left_overs() -> None:
    # A session killed with -9 takes its servers along (they die with it) but leaves its folder.
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        with contextlib.suppress(OSError):
            if pid.isdigit() and folder.stat().st_uid == os.geteuid() and is_gone(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)


_remove_left_overs()
FOLDER = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ["VAR_DIR"] = str(FOLDER)
for variable in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(variable, None)
    os.environ.pop(f"{variable}_FILE", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")

from customerops import embedded  # noqa: E402 - the environment comes first
from customerops.embedded import postgres, valkey  # noqa: E402

embedded.ensure_secrets()
(FOLDER / "static").mkdir()


def pytest_unconfigure() -> None:
    """Stop the servers; the folder goes when the interpreter does."""
    postgres.stop()
    valkey.stop()
