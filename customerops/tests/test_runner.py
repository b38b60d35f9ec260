"""As whom the servers run when root starts them: real accounts, real folders."""

import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from customerops.embedded import paths, postgres, runner, sandbox, valkey
from customerops.embedded.runner import ServerDidNotStart

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
in_the_open = pytest.mark.skipif(
    not all(folder.stat().st_mode & 0o001 for folder in Path(sys.prefix).resolve().parents),
    reason="nobody else may enter the folder of this environment",
)


@pytest.fixture
def house(monkeypatch) -> Iterator[Path]:
    """A folder that everybody may enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="customerops-house-"))
    folder.chmod(0o755)
    monkeypatch.setenv("VAR_DIR", str(folder / "a var"))
    yield folder / "a var"
    if (folder / "a var").is_dir():
        postgres.stop()
        valkey.stop()
    shutil.rmtree(folder)


def owner(path: Path) -> str:
    return pwd.getpwuid(path.stat().st_uid).pw_name


@as_root
@in_the_open
def test_it_hands_the_data_to_nobody_where_namespaces_are_forbidden(house, monkeypatch):
    postgres.ensure(durable=False)
    with psycopg.connect(host=str(paths.socket_dir()), user="app", dbname="app") as connection:
        connection.execute("CREATE TABLE kept (n int)")
    postgres.stop()
    assert runner.namespaces_work() == (owner(house / "postgres") == "root")

    monkeypatch.setattr(runner, "namespaces_work", lambda: False)
    sandbox.ensure_servers(durable=False)
    with psycopg.connect(host=str(paths.socket_dir()), user="app", dbname="app") as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchall() == [(0,)]
    assert {owner(house / name) for name in ("postgres", "valkey", "run")} == {"nobody"}
    assert valkey.answers()


@as_root
@in_the_open
def test_it_runs_as_whoever_owns_the_data(house):
    games = pwd.getpwnam("games")
    (house / "postgres").mkdir(parents=True)
    os.chown(house / "postgres", games.pw_uid, games.pw_gid)
    sandbox.ensure_servers(durable=False)
    assert {owner(house / name) for name in ("postgres", "valkey", "run")} == {"games"}


@as_root
@in_the_open
def test_it_names_the_folder_that_the_account_may_not_enter(house, monkeypatch):
    monkeypatch.setattr(runner, "namespaces_work", lambda: False)
    house.parent.chmod(0o700)
    with pytest.raises(ServerDidNotStart, match=rf"nobody, who may not enter {house.parent}:"):
        postgres.ensure(durable=False)


@as_root
def test_it_leaves_a_folder_of_a_stranger_alone(house):
    games = pwd.getpwnam("games")
    house.mkdir()
    os.chown(house, games.pw_uid, games.pw_gid)
    with pytest.raises(ServerDidNotStart, match="belongs to games: start as that account"):
        runner.own(house)


def test_it_says_in_a_sentence_that_a_folder_cannot_be_used(house, monkeypatch):
    house.write_text("a file")
    with pytest.raises(ServerDidNotStart, match=r"a var/secrets cannot be used: .+; set VAR_DIR"):
        sandbox.ensure_secrets()


def test_it_names_the_owner_of_what_may_not_be_touched(house):
    with (
        pytest.raises(
            ServerDidNotStart, match=f"{house.parent} belongs to {pwd.getpwuid(os.geteuid()).pw_name};"
        ),
        sandbox.writing(),
    ):
        raise PermissionError(13, "Permission denied", str(house.parent))
