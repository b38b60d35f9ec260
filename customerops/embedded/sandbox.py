"""Makes a checkout usable with nothing configured: secrets once, servers when no URL names others."""

import base64
import contextlib
import os
import secrets
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from customerops.embedded.paths import is_elsewhere, var_dir
from customerops.embedded.runner import ServerDidNotStart, name_of

URLS = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}  # in the order they are started


@contextlib.contextmanager
def writing(folder: Path | None = None) -> Iterator[None]:
    """Turn what the file system refuses below VAR_DIR (or in `folder`) into a sentence: ServerDidNotStart."""
    try:
        yield
    except OSError as error:
        place = Path(folder or error.filename or var_dir())
        raise ServerDidNotStart(f"{place} cannot be used: {_why(place, error)}") from error


def _why(place: Path, error: OSError) -> str:
    hint = "set VAR_DIR to a folder of your own"
    if not isinstance(error, PermissionError):
        return f"{error.strerror}; {hint}"
    nearest = next((folder for folder in (place, *place.parents) if os.path.lexists(folder)), place)
    owner = name_of(nearest.lstat().st_uid)
    return f"{nearest} belongs to {owner}; start as that account, give it away, or {hint}"


def ensure_secrets() -> None:
    """Write a secret key, a contact key and a subject key below VAR_DIR, once, readable by the owner alone.

    Raises ServerDidNotStart.
    """
    folder = var_dir() / "secrets"
    with writing():
        _write_once(folder / "secret_key", secrets.token_urlsafe(50))
        _write_once(folder / "contact_keys", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        _write_once(folder / "subject_keys", secrets.token_urlsafe(50))


def ensure_servers(*, durable: bool = True, dies_with_us: bool = False) -> None:
    """Start what no URL names. Raises ServerDidNotStart."""
    with writing():
        for name in _ours():
            if name == "postgres":
                _server(name).ensure(durable=durable, dies_with_us=dies_with_us)
            else:
                _server(name).ensure(dies_with_us=dies_with_us)


def revive_servers() -> list[str]:
    """Start again what is gone, to die with us; the names of those. Raises ServerDidNotStart."""
    gone = [name for name in _ours() if not _server(name).is_running()]
    with writing():
        for name in gone:
            _server(name).ensure(dies_with_us=True)
    return gone


def stop_servers() -> list[str]:
    """Stop what runs, Postgres last; its name once it has ended."""
    stopped = [name for name in reversed(_ours()) if _server(name).is_running()]
    for name in stopped:
        _server(name).stop()
    return stopped


def _ours() -> list[str]:
    return [name for name, variable in URLS.items() if not is_elsewhere(variable)]


def _server(name: str) -> ModuleType:
    # Imported only here: production, which names URLs, need not have the wheels.
    return import_module(f"customerops.embedded.{name}")


def _write_once(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
