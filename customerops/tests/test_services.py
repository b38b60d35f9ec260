"""`manage.py services`: the embedded servers by hand."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from customerops.embedded.paths import ROOT
from customerops.tests.servers import free_port

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


def test_servers_of_a_running_up_are_not_stopped_below_it(tmp_path):
    folder = tmp_path / "a b"
    folder.mkdir()
    with open(folder / ".up.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = subprocess.run(
            [sys.executable, "manage.py", "services", "stop"], cwd=ROOT, capture_output=True, text=True,
            check=False, env=os.environ | {"VAR_DIR": str(folder)},
        )  # fmt: skip
    assert refused.returncode == 1
    assert "`up` runs with the servers in" in refused.stderr


@pytest.mark.parametrize("command", ["model_status", "up"])
def test_a_database_that_nobody_serves_is_told_in_one_line(tmp_path, command):
    nowhere = {"DATABASE_URL": "postgres://x@127.0.0.1:1/x", "VAR_DIR": str(tmp_path)}
    port = {"PORT": str(free_port())}
    refused = subprocess.run(
        [sys.executable, "manage.py", command], cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | nowhere | {"REDIS_URL": "redis://127.0.0.1:1/0"} | port,
    )  # fmt: skip
    assert refused.returncode == 1
    [line] = refused.stderr.strip().splitlines()
    assert "port 1 failed: Connection refused" in line
