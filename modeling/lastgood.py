"""The last version that served, kept on disk for a process that starts while Postgres is away."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import orjson
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """A version's bytes with what proves them."""

    version: int
    sha256: str
    data: bytes


def _path() -> Path:
    return Path(settings.VAR_DIR) / "models" / "last_good.json"


def write(stored: Stored) -> None:
    """Keep it, atomically: a reader sees the old file or the new one. A full disk is only logged."""
    path = _path()
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    body = {"version": stored.version, "sha256": stored.sha256, "artifact": stored.data.decode()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(orjson.dumps(body))
        fresh.replace(path)
    except OSError as error:
        log.warning("last_good_model_not_written", error=str(error))
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def read() -> Stored | None:
    """What was kept; the digest is for the loader to check. None when there is nothing readable."""
    try:
        body = orjson.loads(_path().read_bytes())
        return Stored(
            version=int(body["version"]), sha256=str(body["sha256"]), data=str(body["artifact"]).encode()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
