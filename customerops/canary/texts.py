"""Looks for the canary in what is neither Postgres nor Redis: answers, metrics, logs, files."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from privacy.canary import Canary, is_spotted

LARGEST = 50_000_000  # bytes of one file that are read, from its end
SERVERS = ("postgres", "valkey", "run")  # below VAR_DIR: swept through their own doors


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every line that this process logs meanwhile, as it is written."""
    lines: list[str] = []
    tap = _Tap(lines)
    root = logging.getLogger()
    tap.setFormatter(root.handlers[0].formatter if root.handlers else None)
    root.addHandler(tap)
    try:
        yield lines
    finally:
        root.removeHandler(tap)


class _Tap(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def spotted_in_files(canary: Canary, *, since: float) -> Iterator[str]:
    """Files below VAR_DIR and those of LOG_FILES, changed since then, that hold a detail of the canary."""
    for path in _files():
        try:
            if path.stat().st_mtime >= since and is_spotted(canary, _end_of(path)):
                yield path.name
        except OSError:
            continue  # it was removed meanwhile


def _files() -> Iterator[Path]:
    for path in settings.VAR_DIR.rglob("*"):
        if path.relative_to(settings.VAR_DIR).parts[0] not in SERVERS and path.is_file():
            yield path
    for pattern in settings.LOG_FILES:
        yield from Path(pattern).parent.glob(Path(pattern).name)


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LARGEST))
        return file.read().decode("utf-8", "replace")
