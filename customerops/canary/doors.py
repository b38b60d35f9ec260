"""The doors the canary goes through: the web application itself, asked inside this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any

import orjson
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.timezone import now

from customerops.gateway import Gateway
from customerops.models import ApiKey

LASTS = timedelta(minutes=10)


class Refused(Exception):
    """A door did not let the canary through."""


@contextmanager
def opened() -> Iterator["Doors"]:
    """With a key of its own, which is gone afterwards."""
    row, key = ApiKey.objects.create_key(
        name="canary", scopes=["read", "write", "ops"], expiry_date=now() + LASTS
    )
    try:
        yield Doors(key)
    finally:
        row.delete()


class Doors:
    """Calls as a caller over HTTP makes them."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.answers: list[str] = []  # everything that was answered, headers included

    def post(self, path: str, body: object) -> Any:
        """The parsed answer. Raises Refused."""
        return orjson.loads(self._ask("POST", path, orjson.dumps(body)))

    def get(self, path: str) -> bytes:
        """The body. Raises Refused."""
        return self._ask("GET", path, b"")

    def _ask(self, method: str, path: str, body: bytes) -> bytes:
        told: list[Any] = []
        answer = _application()(_environ(method, path, body, self.key), lambda *line: told.append(line))
        content = b"".join(answer)
        if callable(close := getattr(answer, "close", None)):
            close()
        status, headers = told[0][:2]
        self.answers.append(f"{headers}{content.decode('utf-8', 'replace')}")
        if not status.startswith("2"):
            raise Refused(f"{method} {path} answered {status}")
        return content


@cache
def _application() -> Gateway:
    return Gateway(get_wsgi_application())


def _environ(method: str, path: str, body: bytes, key: str) -> dict[str, Any]:
    host = next((name for name in settings.ALLOWED_HOSTS if name not in ("*", "")), "localhost")
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json" if body else "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": host.removeprefix("."),
        "HTTP_X_API_KEY": key,
        "HTTP_X_FORWARDED_PROTO": "https",
        "SERVER_NAME": "canary",
        "SERVER_PORT": "443" if settings.SECURE_SSL_REDIRECT else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": "https" if settings.SECURE_SSL_REDIRECT else "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
