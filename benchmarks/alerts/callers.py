"""Those who call the application while it is watched: steady ones, and those a fault sends."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit


class Caller:
    """One caller with a key. Faults of the server are what we are after: no status is an error here."""

    def __init__(self, url: str, key: str) -> None:
        self.host = urlsplit(url).netloc
        self.headers = {"x-api-key": key, "content-type": "application/json"}

    def post(self, path: str, body: object) -> tuple[int, Any]:
        """Status and parsed answer; 0 when nobody answered."""
        return self._call("POST", path, json.dumps(body))

    def delete(self, path: str) -> tuple[int, Any]:
        """The same."""
        return self._call("DELETE", path, None)

    def _call(self, method: str, path: str, body: str | None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self.host, timeout=10)
        try:
            connection.request(method, path, body, self.headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            connection.close()

    def leads(self, number: int) -> list[str]:
        """New leads; their ids."""
        _, answer = self.post("/v1/leads", [{"attributes": {"visits": 3}}] * number)
        return [result["lead_id"] for result in answer["results"]]

    @contextlib.contextmanager
    def calling(self, path: str, body: object, *, each: float, callers: int = 1) -> Iterator[None]:
        """The same call over and over, by so many callers, each so many seconds after the one before."""
        with contextlib.ExitStack() as stack:
            for _ in range(callers):
                stack.enter_context(repeating(lambda: self.post(path, body), each=each))
            yield


@contextlib.contextmanager
def repeating(work: Callable[[], object], *, each: float) -> Iterator[None]:
    """Do it in a thread of its own, so many seconds after it was done."""
    done = threading.Event()

    def repeat() -> None:
        while not done.wait(each):
            work()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextlib.contextmanager
def pulses(lock: Callable[[], AbstractContextManager[None]], *, held: float, pause: float) -> Iterator[None]:
    """Hold a lock again and again."""

    def hold() -> None:
        with lock():
            time.sleep(held)

    with repeating(hold, each=pause):
        yield
