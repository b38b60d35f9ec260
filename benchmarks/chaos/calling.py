"""A caller of the web API that does not give up: one call, repeated until it is answered."""

import http.client
import time
from dataclasses import dataclass
from typing import Any

import orjson

PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The last word of the server, and when it was heard (seconds of the epoch)."""

    status: int
    body: Any
    at: float


@dataclass(frozen=True, slots=True)
class Caller:
    """Talks to the web server on a port of this machine."""

    port: int
    key: str

    def post(self, path: str, body: object) -> Answer | None:
        """None: no answer but errors of the server's own for as long as anybody would try."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = self._once("POST", path, orjson.dumps(body))
            if answer is not None and answer.status < http.client.INTERNAL_SERVER_ERROR:
                return answer
            time.sleep(PAUSE_SECONDS)
        return None

    def get(self, path: str) -> str | None:
        """The page, or None; asked once."""
        answer = self._once("GET", path, None, parsed=False)
        return answer.body if answer is not None and answer.status == http.client.OK else None

    def _once(self, method: str, path: str, body: bytes | None, *, parsed: bool = True) -> Answer | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(
                method, path, body, {"x-api-key": self.key, "content-type": "application/json"}
            )
            answer = connection.getresponse()
            content = answer.read()
            if not parsed:
                return Answer(answer.status, content.decode(), time.time())
            return Answer(answer.status, orjson.loads(content), time.time())
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
            return None  # whoever served it was killed
        finally:
            connection.close()
