"""The embedded servers: real processes, killed and raced."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from customerops.celery import broker_url
from customerops.embedded import ensure_secrets, paths, postgres, processes, valkey
from customerops.embedded.runner import ServerDidNotStart

ENSURE = "from customerops import embedded; embedded.ensure_servers(durable=False{})"


@pytest.fixture
def house(monkeypatch, tmp_path) -> Iterator[Path]:
    """A folder of its own for servers, with a space in its name."""
    folder = tmp_path / "a b"
    monkeypatch.setenv("VAR_DIR", str(folder))
    yield folder
    postgres.stop()
    valkey.stop()


def script(text: str, **kwargs) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", text], cwd=paths.ROOT, **kwargs)


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


def wait_for(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def test_it_starts_one_postgres_and_one_valkey_however_many_ask_at_once(house):
    racers = [script(ENSURE.format("")) for _ in range(8)]
    assert [racer.wait(timeout=60) for racer in racers] == [0] * 8
    assert postgres.answers()
    assert valkey.answers()
    assert (house / "postgres.log").read_text().count("ready to accept connections") == 1
    assert (house / "valkey.log").read_text().count("Ready to accept connections") == 1


def test_it_comes_back_with_its_data_after_both_servers_were_killed(house):
    postgres.ensure(durable=False)
    valkey.ensure()
    with psycopg.connect(host=str(paths.socket_dir()), user="app", dbname="app") as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    with contextlib.closing(redis.Redis(unix_socket_path=str(paths.socket_dir() / "valkey.sock"))) as client:
        client.set("kept", "7")
        time.sleep(1.1)  # the append-only file is flushed every second
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
    os.kill(postmaster(house), signal.SIGKILL)
    assert wait_for(lambda: not postgres.is_running() and not valkey.is_running())

    postgres.ensure(durable=False)
    valkey.ensure()
    with psycopg.connect(host=str(paths.socket_dir()), user="app", dbname="app") as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    with contextlib.closing(redis.Redis(unix_socket_path=str(paths.socket_dir() / "valkey.sock"))) as client:
        assert client.get("kept") == b"7"


def test_it_leaves_nothing_when_a_starter_they_die_with_is_killed(house):
    text = ENSURE.format(", dies_with_us=True") + "; print('up', flush=True); import time; time.sleep(60)"
    starter = script(text, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"up\n"
    pid = postmaster(house)
    starter.kill()
    starter.communicate()
    assert wait_for(lambda: processes.is_gone(pid) and not valkey.is_running())


def test_it_starts_past_a_pid_file_whose_process_is_a_zombie(house):
    postgres.ensure(durable=False)
    postgres.stop()
    zombie = subprocess.Popen(["true"])
    assert wait_for(lambda: processes.is_gone(zombie.pid))
    # pid, data folder, start time, port, socket folder, address, shared memory
    lines = [zombie.pid, house / "postgres", 1, 5432, house / "run", "", "0 0"]
    (house / "postgres" / "postmaster.pid").write_text("\n".join(map(str, lines)) + "\n")
    postgres.ensure(durable=False)
    assert postmaster(house) != zombie.pid
    zombie.wait()


def test_it_does_not_start_a_second_server_beside_one_that_hangs(house):
    valkey.ensure()
    with contextlib.closing(redis.Redis(unix_socket_path=str(paths.socket_dir() / "valkey.sock"))) as client:
        pid = client.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert valkey.is_running()
        assert not valkey.answers()
    finally:
        os.kill(pid, signal.SIGCONT)


def test_it_takes_a_short_folder_for_sockets_when_the_path_is_long(monkeypatch, tmp_path):
    monkeypatch.setenv("VAR_DIR", str(tmp_path / ("long " * 20)))
    folder = paths.socket_dir()
    assert len(os.fsencode(folder)) <= paths.LONGEST_SOCKET_DIR
    assert folder == paths.socket_dir()
    valkey.ensure()
    assert folder.stat().st_mode & 0o777 == 0o700
    valkey.stop()
    folder.rmdir()


@pytest.mark.parametrize(("name", "moved"), [("it's 100% \u00fc&x", False), ("a#b", True), ("what?", True)])
def test_it_keeps_sockets_where_every_client_can_name_them(monkeypatch, name, moved):
    monkeypatch.setenv("VAR_DIR", f"/tmp/{name}")  # noqa: S108 - short, and never made
    assert (paths.socket_dir().name != "run") is moved
    assert not {"#", "?"} & set(broker_url(paths.redis_url()).partition("?virtual_host")[0])


def test_its_log_tells_nothing_of_what_statements_hold(house):
    postgres.ensure(durable=False)
    with psycopg.connect(host=str(paths.socket_dir()), user="app", dbname="app") as connection:
        with pytest.raises(psycopg.DataError):
            connection.execute("SELECT 'ann@x.org'::uuid")
        connection.rollback()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid()), 'bob@x.org'")
    running = psycopg.connect(host=str(paths.socket_dir()), user="app", dbname="app")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(running.execute, "SELECT 'cid@x.org', pg_sleep(60)")
        time.sleep(0.5)
        os.kill(running.info.backend_pid, signal.SIGKILL)
        assert isinstance(answer.exception(), psycopg.OperationalError)
    assert wait_for(lambda: "terminated by signal 9" in (house / "postgres.log").read_text())
    assert "x.org" not in (house / "postgres.log").read_text()
    postgres.ensure(durable=False)  # one that is recovering is not ended by the polite stop that follows


def test_it_says_which_log_to_read_when_a_server_cannot_start(house):
    log = house / "broken.log"
    house.mkdir()
    with pytest.raises(ServerDidNotStart, match=r"broken did not start; its log is .*broken\.log"):
        processes.start_until(
            lambda: False, lambda: processes.spawn("/bin/false", log=log), log=log, seconds=0.5
        )


def test_it_writes_secrets_once_and_for_the_owner_alone(house):
    ensure_secrets()
    key = house / "secrets" / "secret_key"
    first = key.read_text()
    ensure_secrets()
    assert key.read_text() == first
    assert key.stat().st_mode & 0o777 == 0o600


def test_it_leaves_no_process_and_no_folder_after_a_pytest_session(tmp_path):
    (tmp_path / "test_touch.py").write_text("def test_touch(valkey_server): pass\n")
    (tmp_path / "conftest.py").write_text((paths.ROOT / "conftest.py").read_text())
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(paths.ROOT / "pytest.ini")]
    with subprocess.Popen(
        [*command, "--rootdir", tmp_path, tmp_path], cwd=paths.ROOT, text=True,
        env=os.environ | {"PYTHONPATH": str(paths.ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as session:  # fmt: skip
        told, _ = session.communicate()
    assert "1 passed" in told
    # its own only: others may run tests beside us
    assert list(Path(tempfile.gettempdir()).glob(f"customerops-test-{session.pid}-*")) == []
