"""Opens a CSV or CSV.gz of unknown encoding and delimiter. Pure: text in, rows of cells out."""

import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self, cast

DELIMITERS = ",;\t|"
PEEK = 65_536
BINARY = {
    b"PK\x03\x04": "a zip archive or a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
}
UNCLOSED = "opens a quotation mark that is never closed"
_SEP = re.compile(r"sep=([,;\t|])", re.IGNORECASE)
CONTROL = frozenset(map(chr, range(32))) - set("\t\n\r\f\v")
_BROKEN = re.compile("[\udc80-\udcff]")  # how `surrogateescape` marks a byte that is not UTF-8


class HistoryError(Exception):
    """The file or the flags cannot be used at all; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one record and the line it ends on; `fault` says why it cannot be read."""

    line: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file is written."""

    encoding: str
    delimiter: str


def open_bytes(path: Path) -> IO[bytes]:
    """The plain bytes, unpacked when the file starts like gzip."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        return cast(IO[bytes], gzip.open(path)) if packed else path.open("rb")
    except OSError as error:
        raise HistoryError(f"{path} cannot be read: {error.strerror}") from error


def sniff(path: Path) -> Dialect:
    """Encoding and delimiter of a file.

    Bytes that are not UTF-8 in most lines beyond ASCII mean cp1252; a few of them are broken lines.
    """
    with open_bytes(path) as stream:
        try:
            head = stream.read(PEEK)
        except (OSError, EOFError, zlib.error) as error:
            raise HistoryError(f"{path} cannot be unpacked: {error}") from error
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise HistoryError(f"{path} is empty")
    encoding = _unicode(head)
    if (kind := _binary(head, encoding)) is not None:
        raise HistoryError(f"{path} is {kind}, not CSV: save or export it as CSV first")
    if encoding == "utf-8" and _is_cp1252(path):
        encoding = "cp1252"
    lines = head.decode(encoding, errors="replace").splitlines()[:50]
    told = _SEP.fullmatch(lines[0].strip())
    return Dialect(encoding=encoding, delimiter=told[1] if told else _delimiter(lines))


def rows(path: Path, dialect: Dialect) -> Generator[Row, None, None]:
    """Every record, header first; blank lines are passed over. Close it when it is not read to its end."""
    errors = "surrogateescape" if dialect.encoding.startswith("utf-8") else "replace"
    with (
        open_bytes(path) as stream,
        io.TextIOWrapper(stream, encoding=dialect.encoding, errors=errors, newline="") as text,
    ):
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=dialect.delimiter)
        while True:
            lines.start_record()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if len(lines.record) > 1:
                    yield Row(lines.keep_first(), [], UNCLOSED)
                else:
                    yield Row(lines.number, [], f"not CSV: {error}")
                continue
            except (OSError, EOFError, zlib.error) as error:
                yield Row(lines.number + 1, [], f"the file breaks off here: {error}")
                return
            if lines.ended and len(lines.record) > 1:
                yield Row(lines.keep_first(), [], UNCLOSED)
            elif lines.ended and cells:
                yield Row(lines.number, [], UNCLOSED)
            elif cells and not lines.is_preamble():
                yield Row(lines.number, cells, lines.fault)


class _Lines:
    """Lines for csv.reader that remember whether one of them holds what no cell may hold.

    A quotation mark that is never closed makes one cell of all that follows; `keep_first` gives up the line
    it stands in alone and reads the others again.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.stream = stream
        self.again: deque[str] = deque()
        self.start_record()
        self.number = 0

    def start_record(self) -> None:
        self.record: list[str] = []
        self.fault, self.ended = "", False

    def keep_first(self) -> int:
        """Every line of the record but its first is to be read again; the number of the first."""
        self.again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        return self.number

    def is_preamble(self) -> bool:
        """Whether the record is the line by which spreadsheets tell the delimiter."""
        return self.number == 1 and bool(_SEP.fullmatch(self.record[0].strip()))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        try:
            line = self.again.popleft() if self.again else next(self.stream)
        except StopIteration:
            self.ended = True
            raise
        self.record.append(line)
        self.number += 1
        if "\0" in line:
            self.fault = "holds a NUL byte"
        elif not line.isascii() and _BROKEN.search(line):
            self.fault = "is not valid UTF-8"
        return line


def _unicode(head: bytes) -> str:
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[::2].count(0) > len(head) // 4:
        return "utf-16-be"
    return "utf-8"


def _binary(head: bytes, encoding: str) -> str | None:
    """What a file is that holds no text; None for text."""
    for start, kind in BINARY.items():
        if head.startswith(start):
            return kind
    line = head.decode(encoding, errors="replace").split("\n", 1)[0]
    return "no text" if sum(character in CONTROL for character in line) * 50 > len(line) else None


def _is_cp1252(path: Path) -> bool:
    broken = foreign = 0
    with open_bytes(path) as stream:
        try:
            for line in stream:
                if not line.isascii():
                    foreign += 1
                    broken += bool(_BROKEN.search(line.decode("utf-8", "surrogateescape")))
        except (OSError, EOFError, zlib.error):
            pass  # a file that breaks off is reported where its rows are read
    return broken * 2 > foreign


def _delimiter(lines: list[str]) -> str:
    """The delimiter that cuts the first lines into the most columns, equally many in nearly every line."""

    def columns(delimiter: str) -> float:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
        same = sum(width == widths[0] for width in widths) / len(widths) if widths else 0.0
        return widths[0] * same if widths and widths[0] > 1 else 0.0

    try:
        return max(DELIMITERS, key=columns)
    except csv.Error:
        return ","
