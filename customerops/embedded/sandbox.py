"""Makes a checkout usable with nothing configured: secrets once, servers when no URL names others."""

import base64
import os
import secrets
from pathlib import Path

from customerops.embedded.paths import var_dir


def ensure_secrets() -> None:
    """Write a secret key and a contact key below VAR_DIR, once, readable by the owner alone."""
    folder = var_dir() / "secrets"
    _write_once(folder / "secret_key", secrets.token_urlsafe(50))
    _write_once(folder / "contact_keys", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def ensure_servers(*, durable: bool = True, dies_with_us: bool = False) -> None:
    """Start what no URL names. Their modules are imported only then: production need not have the wheels."""
    if not os.environ.get("DATABASE_URL"):
        from customerops.embedded import postgres

        postgres.ensure(durable=durable, dies_with_us=dies_with_us)
    if not os.environ.get("REDIS_URL"):
        from customerops.embedded import valkey

        valkey.ensure(dies_with_us=dies_with_us)


def _write_once(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
