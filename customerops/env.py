"""Reads settings from the environment and refuses nonsense with a sentence that names the variable.

A variable that is empty counts as not set. `NAME_FILE` may name a file that holds the value of `NAME`, for
secrets mounted into a container. What is refused is not repeated where it may hold a password.
"""

import math
import os
from collections.abc import Collection
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url

from followups.outbound.addresses import inside
from followups.outbound.mailboxes import MailboxError, mailbox

YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
# A Postgres that vanishes without a word is noticed after 10 + 3 * 5 s of silence, and after 20 s of words
# that nobody confirms; without these a worker would wait for a quarter of an hour. Sockets ignore them.
NOTICES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}

# Where mail is handed over: in the clear, with TLS once both are talking, and with TLS from the first byte.
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class EnvError(Exception):
    """A variable holds what cannot be used; the message names it and says what it takes."""


def text(name: str, default: str = "") -> str:
    """As it stands, without spaces around it."""
    return os.environ.get(name, "").strip() or default


def secret(name: str, *, default_file: Path | None = None) -> str:
    """The value of `name`, else the contents of the file `NAME_FILE` names, else of `default_file`."""
    if value := text(name):
        return value
    named = text(f"{name}_FILE")
    path = Path(named) if named else default_file
    if path is None or not (named or path.is_file()):
        return ""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise EnvError(f"{name}_FILE names {path}, which cannot be read: {why}") from error


def flag(name: str, *, default: bool) -> bool:
    """Yes or no."""
    value = text(name).lower()
    if value and value not in YES | NO:
        raise EnvError(f"{name} must be true or false, not {value!r}")
    return value in YES if value else default


def names(name: str, default: Collection[str] = ()) -> list[str]:
    """A list, separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or list(default)


def whole(name: str, default: int, *, at_least: int, at_most: int) -> int:
    """A whole number within bounds."""
    value = text(name, str(default))
    try:
        return int(_within(name, int(value), at_least, at_most))
    except ValueError:
        raise EnvError(f"{name} must be a whole number, not {value!r}") from None


def real(name: str, default: float, *, at_least: float, at_most: float) -> float:
    """A number within bounds."""
    value = text(name, str(default))
    try:
        return _within(name, float(value), at_least, at_most)
    except ValueError:
        raise EnvError(f"{name} must be a number, not {value!r}") from None


def _within(name: str, value: float, at_least: float, at_most: float) -> float:
    if not at_least <= value <= at_most:
        raise EnvError(f"{name} must be between {at_least} and {at_most}, not {value}")
    return value


def choice(name: str, default: str, values: Collection[str]) -> str:
    """One of `values`; case does not matter."""
    value = text(name, default)
    for known in values:
        if value.lower() == known.lower():
            return known
    raise EnvError(f"{name} must be one of {', '.join(sorted(values))}, not {value!r}")


def region(name: str, default: str, values: Collection[str]) -> str:
    """The code of a country, such as DE; case does not matter."""
    value = text(name, default).upper()
    if value not in values:
        raise EnvError(f"{name} must be an ISO 3166 code of a country, such as US or DE, not {value!r}")
    return value


def places(name: str) -> list[str]:
    """Networks such as `10.1.0.0/16` and names of hosts, separated by commas."""
    found = names(name)
    try:
        inside(found)
    except ValueError as error:
        raise EnvError(f"{name} has {error}") from None
    return found


def weights(name: str, default: dict[str, float]) -> dict[str, float]:
    """`booked=1,qualified=0.5`: a number for each of the names in `default`, all others refused."""
    found = dict(default)
    for part in names(name):
        key, _, value = part.partition("=")
        if key not in default:
            raise EnvError(f"{name} has {key!r}; it takes {', '.join(default)}")
        try:
            found[key] = float(value)
        except ValueError:
            found[key] = math.nan
        if not math.isfinite(found[key]):
            raise EnvError(f"{name} gives {key} the value {value!r}, which is not a number")
    return found


def url(name: str, default: str, *, schemes: Collection[str]) -> str:
    """The address of a server, with a scheme we can talk to; empty when neither it nor a default is given."""
    found = secret(name) or default
    if not found:
        return ""
    if found.partition("://")[0] not in schemes:
        raise EnvError(f"{name} must start with {', '.join(f'{scheme}://' for scheme in schemes)}")
    try:
        parts = urlsplit(found)
        complete = parts.port is None or parts.port > 0
    except ValueError:
        complete = False
    if not complete or not (parts.netloc or parts.path):
        raise EnvError(f"{name} is no URL: quote special characters, as in p%40ssword, and check the port")
    return found


@dataclass(frozen=True, slots=True)
class MailServer:
    """Whom mail is handed to; without a host to nobody."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def mail_server(name: str) -> MailServer:
    """`smtp+tls://user:password@mail.example:587`; the scheme says how it is encrypted."""
    found = url(name, "", schemes=tuple(MAIL_PORTS))
    if not found:
        return MailServer()
    parts = urlsplit(found)
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise EnvError(f"{name} is a scheme, a user, a password, a host and a port, and nothing after that")
    return MailServer(
        parts.hostname,
        parts.port or MAIL_PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtp+tls",
        parts.scheme == "smtps",
    )


def sender(name: str) -> str:
    """`Ada <ada@shop.example>`, or the address alone."""
    if not (value := text(name)):
        return ""
    shown, address = parseaddr(value)
    try:
        return formataddr((shown, mailbox(address)))
    except MailboxError as error:
        raise EnvError(f"{name} must be an address, such as Ada <ada@shop.example>: {error}") from None


def postgres(name: str, default: str, *, connect_seconds: int, statement_seconds: int) -> dict[str, Any]:
    """Django's settings of a database; what the URL says after `?` goes before what is said here."""
    address = url(name, default, schemes=("postgres", "postgresql"))
    try:
        found: dict[str, Any] = {**dj_database_url.parse(address, conn_max_age=60, conn_health_checks=True)}
    except ValueError:
        raise EnvError(f"{name} is no URL: quote special characters, as in p%40ssword") from None
    ours: dict[str, Any] = {"connect_timeout": connect_seconds, **NOTICES}
    if statement_seconds:
        ours["options"] = f"-c statement_timeout={statement_seconds}s"
    found["OPTIONS"] = ours | found.get("OPTIONS", {})
    return found
