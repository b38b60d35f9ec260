"""What `manage.py up` prints: a line for each step, and the processes' JSON logs as lines a person reads."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

COLOURS = {"up": 1, "web": 36, "worker": 32, "training": 35, "beat": 34, "demo": 33}
LEVEL_COLOURS = {"warning": 33, "error": 31, "critical": 31}
OTHER_COLOUR = 37
NAME_WIDTH = 8
SHOWN_ELSEWHERE = {"event", "level", "at", "logger", "exception"}


class Console:
    """Standard output. When the reader of a pipe goes away, the processes go on in silence."""

    def __init__(self, *, out: TextIO | None = None, raw: bool = False) -> None:
        self.out = out or sys.stdout
        self.raw = raw
        self.colourful = self.out.isatty() and not os.environ.get("NO_COLOR")
        self.began = time.monotonic()
        self.hung_up = False  # whether the terminal is gone; the kernel tells only its first process

    def say(self, text: str) -> None:
        """Something for people; among raw lines it is an event, so that they all stay JSON."""
        if self.raw:
            self.event("told", text=text)
        else:
            self._write(text)

    def event(self, event: str, *, level: str = "info", **values: Any) -> None:
        """A log line of the supervisor's own."""
        at = datetime.now(UTC).isoformat()
        self.line("up", orjson.dumps({"event": event, "level": level, "at": at, **values}).decode())

    @contextlib.contextmanager
    def step(self, done: str) -> Iterator[None]:
        """Do something and say that it is done, how long it took, and how long everything took so far."""
        started = time.monotonic()
        yield
        now = time.monotonic()
        if self.raw:
            self.event("step_done", step=done, seconds=round(now - started, 1))
        else:
            mark = self._painted("✓", 32)
            self._write(f"{mark} {done:<52} {now - started:5.1f} s   ({now - self.began:.1f} s)")

    def line(self, name: str, text: str) -> None:
        """One line of a process; what is no log line becomes one among raw lines."""
        if not self.raw:
            self._write(self._readable(name, text))
        elif text.startswith("{"):
            self._write(text)
        else:
            self.event("printed", process=name, text=text)

    def _readable(self, name: str, text: str) -> str:
        prefix = self._painted(f"{name:<{NAME_WIDTH}}", COLOURS.get(name, OTHER_COLOUR))
        try:
            fields = orjson.loads(text)
        except orjson.JSONDecodeError:
            fields = None
        if not isinstance(fields, dict) or "event" not in fields:
            return f"{datetime.now(UTC):%H:%M:%S} {prefix} {text}"
        level = str(fields.get("level", ""))
        values = " ".join(
            f"{key}={_shown(value)}" for key, value in fields.items() if key not in SHOWN_ELSEWHERE
        )
        body = f"{self._painted(f'{level:<7}', LEVEL_COLOURS.get(level, 2))} {fields['event']} {values}"
        trace = "".join(f"\n    {row}" for row in str(fields.get("exception", "")).splitlines())
        return f"{_clock(fields.get('at'))} {prefix} {body.rstrip()}{trace}"

    def _painted(self, text: str, colour: int) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colourful else text

    def _write(self, text: str) -> None:
        try:
            self.out.write(text + "\n")
            self.out.flush()
        except ValueError:
            pass  # closed
        except OSError as error:  # a pipe without a reader, a full disk
            self.hung_up |= error.errno == errno.EIO


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str) and value and " " not in value and '"' not in value:
        return value
    return orjson.dumps(value, default=str).decode()


def _clock(at: Any) -> str:
    """The time of day in UTC of an ISO moment."""
    return str(at)[11:19] if isinstance(at, str) else f"{datetime.now(UTC):%H:%M:%S}"
