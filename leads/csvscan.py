"""The first look through a history file: size, columns, how dates and cells are written."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from leads import csvdates, formulas
from leads.csvcells import Column, Value, is_contact, is_missing, is_prose, sniff_column
from leads.csvtext import Dialect, HistoryError, rows, sniff

SAMPLE = 2000
MOST_NAMED = 40
DATES = frozenset({"--created-at", "--matures-at", "--outcome-at"})
RESERVED = ("lead.", "message.")


@dataclass(slots=True)
class Scan:
    """What one pass over the file found. `attributes` holds name, place and reader of each column."""

    dialect: Dialect
    header: list[str]
    index: dict[str, int]
    rows: int = 0
    dates: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[str, int, Column]] = field(default_factory=list)
    endings: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def scan(
    path: Path,
    *,
    named: Mapping[str, str],
    ignore: frozenset[str],
    source: str,
    dated: bool,
    neutralised: bool,
) -> Scan:
    """Look through the file once. Raises HistoryError for a flag or a file that cannot work."""
    dialect = sniff(path)
    with closing(rows(path, dialect)) as records:
        first = next(records, None)
        header = _unique(first.cells if first else [])
        found = Scan(dialect=dialect, header=header, index={name: index for index, name in enumerate(header)})
        _check_flags(found, path, named=named, ignore=ignore, dated=dated)
        sample = _sample(found, (row.cells for row in records), outcome=named.get("--outcome"))
    for flag in DATES & named.keys():
        _sniff_date(found, flag, named[flag], sample)
    left_out = {*named.values(), *ignore, source}
    for name, index in found.index.items():
        if name not in left_out:
            _sniff_attribute(found, name, [row[index] for row in sample], neutralised=neutralised)
    return found


def _unique(names: Sequence[str]) -> list[str]:
    """Column names without doubles; one without a name is called after its place."""
    header: list[str] = []
    for place, name in enumerate(names, 1):
        name = name.encode(errors="replace").decode().replace("\0", "").strip() or f"column_{place}"
        header.append(name if name not in header else f"{name}_{place}")
    return header


def _check_flags(
    found: Scan, path: Path, *, named: Mapping[str, str], ignore: frozenset[str], dated: bool
) -> None:
    flags = [*named.items(), *(("--ignore", name) for name in sorted(ignore))]
    unknown = [f"{flag} {name}" for flag, name in flags if name not in found.index]
    # the fixed columns of an export may be missing from a file somebody trimmed by hand
    if unknown and not ("--current" in named and all(flag.startswith("--ignore") for flag in unknown)):
        raise HistoryError(f"{path.name} has no column for {', '.join(unknown)}; {_columns(found.header)}")
    if "--created-at" not in named and not dated:
        raise HistoryError(
            f"say when a lead came in with --created-at COLUMN, or --rows-per-day N for a file in time order"
            f" without dates; {_columns(found.header)}"
        )


def _columns(header: Sequence[str]) -> str:
    """The names to choose from, as many as a person reads."""
    shown = ", ".join(name[:60] for name in header[:MOST_NAMED])
    more = f" and {len(header) - MOST_NAMED:,} more" if len(header) > MOST_NAMED else ""
    return f"it has {shown}{more}"


def _sample(found: Scan, records: Iterable[list[str]], *, outcome: str | None) -> list[list[str]]:
    """Every row is counted; up to twice SAMPLE of them, spread evenly over the whole file, are kept."""
    width, kept, stride = len(found.header), list[list[str]](), 1
    place = found.index[outcome] if outcome else None
    for number, cells in enumerate(records):
        found.rows += 1
        if len(cells) != width:
            continue
        if place is not None and not is_missing(cells[place]) and len(found.endings) < 1000:
            found.endings[cells[place].strip()] += 1
        if number % stride == 0:
            kept.append(cells)
            if len(kept) >= 2 * SAMPLE:
                kept, stride = kept[::2], stride * 2
    return kept


def _sniff_date(found: Scan, flag: str, name: str, sample: Sequence[Sequence[str]]) -> None:
    index = found.index[name]
    cells = [row[index].strip() for row in sample if not is_missing(row[index])]
    kind = csvdates.sniff_kind(cells)
    if kind is None and cells:
        raise HistoryError(
            f"{flag} {name} holds no dates: {', '.join(repr(cell[:40]) for cell in cells[:3])}"
        )
    found.dates[name] = kind or "ISO 8601"
    if kind in ("day/month/year", "month/day/year"):
        found.notes.append(f"{name} is read as {kind}")


def _sniff_attribute(found: Scan, name: str, sample: Sequence[str], *, neutralised: bool) -> None:
    cells = [cell.strip() for cell in sample if not is_missing(cell)]
    if is_prose(cells):
        found.notes.append(f"{name} is left out: long free text")
        return
    if is_contact(cells):
        found.notes.append(f"{name} is left out: e-mail addresses or telephone numbers")
        return
    column = sniff_column([cell for cell in cells if not (neutralised and cell.startswith("'"))])
    key = name[:200]
    if neutralised:
        column, key = _restoring(column), formulas.attribute_name(name)
    elif name.startswith(RESERVED):
        key = key.replace(".", "_", 1)
        found.notes.append(
            f"{name} is called {key}: names that start with {' or '.join(RESERVED)} are reserved"
        )
    found.attributes.append((key, found.index[name], column))


def _restoring(column: Column) -> Column:
    """A cell the export marked as text is that text, whatever it looks like."""
    plain = column.read

    def read(cell: str) -> Value:
        return formulas.restore(cell) if cell.startswith("'") else plain(cell)

    return Column(read)
