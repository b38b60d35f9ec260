"""What a cell of an attribute column means: a number, true/false, an ISO date, text, or nothing."""

import re
from collections.abc import Callable, Container, Sequence

from leads import csvdates

Value = str | float | int | bool

MISSING = frozenset({"", "na", "n/a", "null", "none", "nan", "#n/a"})
MAX_TEXT = 1000
CACHE = 20_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_GROUP = "[ \u00a0\u202f']"
_POINT = re.compile(rf"[+-]?([1-9]\d{{0,2}}((,\d{{3}})+|({_GROUP}\d{{3}})+)|\d+)(\.\d+)?")  # 1,234,567.89
_COMMA = re.compile(rf"[+-]?([1-9]\d{{0,2}}((\.\d{{3}})+|({_GROUP}\d{{3}})+)|\d+)(,\d+)?")  # 1.234.567,89
MOSTLY = 0.95  # of a column's cells are of its kind; a few strangers stay the text they are
PROBE = 100
FEW_WORDS = 5  # as strangers repeat themselves ("?", "not asked"), half of the cells is enough
_CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}|(\+|00)[1-9][\d ()/.-]{7,20}")
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
        written = max(_point_number, _comma_number, key=lambda read: len(_numbers(read, sample)))
        for read in (_number, written):
            if _is_kind(_numbers(read, sample), sample):
                return read
    return _date_reader(sample)


def _numbers(read: Callable[[str], Value], sample: Sequence[str]) -> frozenset[int]:
    """The places of the cells that `read` makes a number of; none where it makes one of few."""
    # most columns of words are known by a few of their cells
    for cells in (sample[:: max(1, len(sample) // PROBE)], sample):
        found = frozenset(place for place, cell in enumerate(cells) if not isinstance(read(cell), str))
        if len(found) * 3 < len(cells):
            return frozenset()
    return found


def _is_kind(fitting: Container[int], sample: Sequence[str]) -> bool:
    strangers = [cell for place, cell in enumerate(sample) if place not in fitting]
    return len(strangers) <= (1 - MOSTLY) * len(sample) or (
        len(strangers) * 2 < len(sample) and len(set(strangers)) <= FEW_WORDS
    )


def _date_reader(sample: Sequence[str]) -> Callable[[str], Value]:
    if not any(character.isdigit() for cell in sample[:20] for character in cell):
        return _text
    kind = csvdates.sniff_kind(sample)
    if kind is None or kind in csvdates.NUMBERS:
        return _text
    read = csvdates.KINDS[kind]

    def date(text: str) -> Value:
        if kind == "ISO 8601" and not csvdates.is_iso(text):
            return text
        try:
            return csvdates.canonical(text, read)
        except csvdates.DateError:
            return text

    fitting = {place for place, cell in enumerate(sample) if csvdates.reads(read, cell)}
    return date if _is_kind(fitting, sample) else _text


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


def _point_number(text: str) -> Value:
    return _quantity(text, _POINT, group=",", point=".")


def _comma_number(text: str) -> Value:
    return _quantity(text, _COMMA, group=".", point=",")


def _quantity(text: str, form: re.Pattern[str], *, group: str, point: str) -> Value:
    """The number in 1,200.50 €, 1.200,50, 1 200 or 12 %."""
    bare = text.strip("$€£¥% \u00a0\u202f")
    if not form.fullmatch(bare):
        return text
    plain = re.sub(_GROUP, "", bare).replace(group, "").replace(point, ".")
    value = _number(plain)
    return text if isinstance(value, str) else value
