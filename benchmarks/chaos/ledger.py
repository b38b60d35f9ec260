"""A file that many threads and processes add lines to; what was added outlives whoever is killed."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


class Ledger:
    """One JSON object a line, each written at once and whole."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **values: Any) -> None:
        """Add a line with the time."""
        os.write(self._file, orjson.dumps({"at": time.time(), **values}, option=orjson.OPT_APPEND_NEWLINE))


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Every line so far."""
    if path.exists():
        with path.open("rb") as file:
            yield from map(orjson.loads, file)
