"""The rows of a history file that could not go in, with line number and reason."""

import csv
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from leads.csvfile import Reject
from leads.formulas import neutralise


class RejectsFile:
    """A CSV that is made with its first row; without rejects there is no file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._stream: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, reject: Reject) -> None:
        """One more."""
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8", errors="replace", newline="")
            csv.writer(self._stream).writerow(["line", "reason"])
        csv.writer(self._stream).writerow([reject.line, neutralise(reject.reason)])
        self.count += 1
