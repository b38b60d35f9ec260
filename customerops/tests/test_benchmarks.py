"""Benchmarks work in a throw-away folder, whatever the environment names, and leave nothing behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from benchmarks import throwaway, timing
from customerops.embedded.paths import ROOT
from customerops.embedded.processes import is_gone

ENTRANCES = (
    "benchmarks",
    *(f"benchmarks.{name}" for name in ("alerts", "chaos", "erasing", "followups", "redaction")),
    *(f"benchmarks.{name}" for name in ("scrubbing", "training")),
)
TELL = """
import json, os
from benchmarks import throwaway
from django.conf import settings
database = settings.DATABASES["default"]
told = {"folder": str(settings.VAR_DIR), "postgres": database["HOST"], "redis": settings.REDIS_URL,
        "keys": settings.SUBJECT_KEYS, "hosts": settings.ALLOWED_HOSTS,
        "metrics": os.environ.get("PROMETHEUS_MULTIPROC_DIR")}
print(json.dumps(told), flush=True)
"""
TELL_OF_CHILD = f"""
import os, subprocess, sys
from benchmarks import throwaway
told = subprocess.run([sys.executable, "-c", {TELL!r}], check=True, capture_output=True, text=True).stdout
print(told, flush=True)
assert os.path.isdir(os.environ["VAR_DIR"])
"""
SERVE = """
import redis, time
from benchmarks import throwaway
from django.conf import settings
with throwaway.servers(durable=False):
    print(settings.VAR_DIR, settings.REDIS_URL, flush=True)
    time.sleep(60)
"""


def python(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    """As somebody starts it in a terminal who has these variables in the environment."""
    kept = {name: value for name, value in os.environ.items() if name not in ("VAR_DIR", "TMPDIR")}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT, env=kept | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def others(tmp_path) -> dict[str, str]:
    """An environment that names a product in earnest, whose secrets are kept in files."""
    secret = tmp_path / "secret"
    secret.write_text("postgres://app:secret@shop.example/shop")
    return {
        "VAR_DIR": str(tmp_path / "theirs"),
        "DATABASE_URL_FILE": str(secret),
        "REDIS_URL": "redis://shop.example/0",
        "SUBJECT_KEYS": "of the shop",
        "ALLOWED_HOSTS": "shop.example",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }


@pytest.mark.parametrize("code", [TELL, TELL_OF_CHILD])
def test_a_benchmark_and_its_children_use_one_folder_and_nothing_that_the_environment_names(
    code, others, tmp_path
):
    out, errors = python("-c", code, **others).communicate(timeout=60)
    assert out, errors
    told = json.loads(out)
    folder = Path(told["folder"])
    assert folder.name.startswith("customerops-bench-")
    assert Path(told["postgres"]) == folder / "run"
    assert told["redis"].startswith("unix://")
    assert told["metrics"] is None
    assert "shop" not in out
    assert not folder.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"secret"}


def test_no_secret_or_address_of_the_environment_is_left_out():
    rows = (ROOT / "docs" / "configuration.md").read_text().splitlines()
    may_be_files = {row.split("`")[1] for row in rows if row.endswith("*file* |")}
    assert len(may_be_files) > 5
    assert may_be_files <= set(throwaway.OF_OTHERS)


def test_nothing_is_set_up_where_django_is_already():
    assert throwaway.HANDED_DOWN not in os.environ
    assert "customerops-test-" in os.environ["VAR_DIR"]


def test_ctrl_c_stops_the_servers_and_removes_the_folder():
    process = python("-c", SERVE)
    folder, url = process.stdout.readline().split()
    postgres = int((Path(folder) / "postgres" / "postmaster.pid").read_text().split()[0])
    with redis.Redis.from_url(url) as client:
        valkey = client.info("server")["process_id"]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert is_gone(postgres)
    assert is_gone(valkey)
    assert not Path(folder).exists()


@pytest.mark.slow
def test_each_benchmark_tells_its_flags_and_starts_nothing(tmp_path):
    without_servers = {"TMPDIR": str(tmp_path), "EMBEDDED_PG_BIN": str(tmp_path / "none")}
    for entrance in ENTRANCES:
        process = python("-m", entrance, "--help", **without_servers)
        out, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
        assert out.startswith("usage:")
    assert list(tmp_path.iterdir()) == []


def test_the_time_of_work_comes_with_its_answer():
    answer, seconds = timing.timed(lambda: sum(range(10)))
    assert answer == 45
    assert seconds > 0


def test_times_are_told_by_their_median_and_their_99th_percentile_in_milliseconds():
    line = timing.spread("look", [0.001 * number for number in range(1, 200)])
    assert line.split() == ["look", "100.00", "ms", "p99", "198.00", "ms"]
