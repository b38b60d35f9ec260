"""What a cell of an attribute column means: a number, true/false, an ISO date, text, or nothing."""

import re
from collections.abc import Callable, Sequence

from leads import csvdates

Value = str | float | int | bool

MISSING = frozenset({"", "na", "n/a", "null", "none", "nan", "#n/a"})
MAX_TEXT = 1000
CACHE = 20_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_GROUPING_COMMA = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}|(\+|00)[1-9][\d ()/.-]{7,20}")
_HAS_DIGIT = re.compile(r"\d").search
_LEADING_ZERO = re.compile(r"[+-]?0\d")


class CellError(ValueError):
    """The cell cannot become an attribute; the message ends the sentence "column x …"."""


class Column(dict[str, Value | None]):
    """A memory of cells already read: most columns repeat a few texts, so reading one is a lookup."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, cell: str) -> Value | None:
        text = cell.strip()
        value = None if text.lower() in MISSING else self.read(text)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise CellError(f"holds {len(value):,} characters; an attribute may have {MAX_TEXT:,}")
        if len(self) >= CACHE:
            self.clear()  # constant memory, also for a column where every cell is new
        self[cell] = value
        return value


def is_missing(cell: str) -> bool:
    """Whether the cell says that nothing is known."""
    return cell.strip().lower() in MISSING


def sniff_column(sample: Sequence[str]) -> Column:
    """A reader for the column, from its sampled non-empty cells. A cell that does not fit is text."""
    return Column(_reader(sample))


def is_prose(sample: Sequence[str]) -> bool:
    """Whether the column holds long free text, which no model here learns from."""
    return sum(len(cell) > MAX_TEXT for cell in sample) * 100 > len(sample)


def is_contact(sample: Sequence[str]) -> bool:
    """Whether most cells are e-mail addresses or telephone numbers: personal data belongs in no attribute."""
    return bool(sample) and sum(bool(_CONTACT.fullmatch(cell)) for cell in sample) * 2 > len(sample)


def _reader(sample: Sequence[str]) -> Callable[[str], Value]:
    if not sample:
        return _text
    if all(cell.lower() in ("true", "false") for cell in sample):
        return _truth
    if not any(_LEADING_ZERO.match(cell) for cell in sample):
        for pattern, read in (
            (_NUMBER, _number),
            (_DECIMAL_COMMA, _comma_number),
            (_GROUPING_COMMA, _grouped_number),
        ):
            if _fits(pattern, sample):
                return read
    if any(character.isdigit() for character in sample[0]):
        return _date_reader(sample)
    return _text


def _fits(pattern: re.Pattern[str], sample: Sequence[str]) -> bool:
    """One word in a hundred ("k.A.") spoils no column of numbers; a number written otherwise does."""
    strays = [cell for cell in sample if not pattern.fullmatch(cell)]
    return len(strays) * 100 <= len(sample) and not any(map(_HAS_DIGIT, strays))


def _date_reader(sample: Sequence[str]) -> Callable[[str], Value]:
    kind = csvdates.sniff_kind(sample)
    if (
        kind is None
        or kind.startswith("seconds")
        or (kind == "ISO 8601" and not all(map(csvdates.is_iso, sample)))
    ):
        return _text
    read = csvdates.KINDS[kind]
    try:
        for cell in sample:
            read(cell)
    except csvdates.DateError:
        return _text

    def date(text: str) -> Value:
        try:
            return csvdates.canonical(text, read)
        except csvdates.DateError:
            return text

    return date


def _text(text: str) -> Value:
    return text


def _truth(text: str) -> Value:
    return {"true": True, "false": False}.get(text.lower(), text)


def _number(text: str) -> Value:
    if not _NUMBER.fullmatch(text) or _LEADING_ZERO.match(text):
        return text
    value = float(text)
    if abs(value) >= 1e15:
        # an identifier rather than a quantity: a float would change its digits
        return text if text.isdigit() or abs(value) == float("inf") else value
    return int(text) if text.lstrip("+-").isdigit() else value


def _comma_number(text: str) -> Value:
    return _number(text.replace(".", "").replace(",", ".")) if _DECIMAL_COMMA.fullmatch(text) else text


def _grouped_number(text: str) -> Value:
    return _number(text.replace(",", "")) if _GROUPING_COMMA.fullmatch(text) else text
