"""`manage.py services`: the embedded servers by hand."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from customerops.embedded.paths import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def services(tmp_path) -> Iterator:
    """Calls the command on servers of its own, which end with the test."""
    ours = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}

    def call(action: str, **changes: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "manage.py", "services", action], cwd=ROOT, capture_output=True, text=True,
            check=False, env=ours | {"VAR_DIR": str(tmp_path / "a b")} | changes,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    yield call
    call("stop")


def test_it_starts_looks_and_stops(services, tmp_path):
    for action, state in (("start", "runs"), ("status", "runs"), ("stop", "stopped"), ("stop", "stopped")):
        told = services(action)
        assert told[:2] == [f"Postgres: {state}", f"Valkey: {state}"]
        assert str(tmp_path / "a b") in told[2]


def test_a_server_that_a_variable_names_is_left_alone(services, tmp_path):
    (tmp_path / "redis").write_text("redis://cache/0")
    elsewhere = {"DATABASE_URL": "postgres://db/crm", "REDIS_URL_FILE": str(tmp_path / "redis")}
    for action in ("start", "stop"):
        told = services(action, **elsewhere)
        assert "DATABASE_URL names another server" in told[0]
        assert "REDIS_URL names another server" in told[1]
    assert not (tmp_path / "a b" / "postgres").exists()
