"""Where the embedded servers keep their files and sockets. Computes only: settings import this."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent.parent
# The address of a unix socket holds 107 bytes on Linux and 103 on macOS; Postgres adds its own file name.
LONGEST_SOCKET_DIR = 103 - len("/.s.PGSQL.5432.lock")
# The task queue's client takes the socket's path from a URL as it stands, where these end the path.
NO_BROKER_READS = set("#?")


def var_dir() -> Path:
    """`VAR_DIR`, or `var` beside manage.py."""
    return Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()


def is_elsewhere(variable: str) -> bool:
    """Whether the variable, or the file it may come from, names a server that is not ours."""
    return any(os.environ.get(name, "").strip() for name in (variable, f"{variable}_FILE"))


def socket_dir() -> Path:
    """`VAR_DIR/run`, or a short hashed folder in the temp directory when no socket can be named there."""
    path = var_dir() / "run"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_DIR and not NO_BROKER_READS & set(str(path)):
        return path
    return Path(tempfile.gettempdir()) / f"customerops-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}"


def postgres_url() -> str:
    """The embedded Postgres as a URL; its host is the socket's folder."""
    return f"postgres://app@{quote(str(socket_dir()), safe='')}/app"


def redis_url() -> str:
    """The embedded Valkey as redis-py writes it."""
    return f"unix://{quote(str(socket_dir() / 'valkey.sock'))}?db=0"
