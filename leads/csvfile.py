"""The one reader of a history file: leads and how they ended, bad rows as rejects with a reason."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from leads import csvdates, formulas
from leads.attributes import SOURCE
from leads.csvcells import CellError, Column, Value, is_missing
from leads.csvscan import Scan, scan
from leads.csvtext import HistoryError, Row, rows
from leads.endings import EndingError, Endings
from privacy import external_ids
from privacy.context import Context
from privacy.values import judged

__all__ = ["ColumnMap", "History", "HistoryError", "HistoryLead", "Reject", "Value"]

FIRST_DAY = datetime(
    2000, 1, 1, tzinfo=UTC
)  # row k of a file without dates came in k / rows_per_day days later
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column means what. All other columns become attributes, except those in `ignore`.

    `source` names a column, or is the source itself when no column has that name. `mapping` is casefolded
    value to state. `current` names a true/false column: rows not true there are passed over.
    `neutralised` cells were marked against formulas (formulas.py).
    """

    id: str | None = None
    created_at: str | None = None
    matures_at: str | None = None
    outcome: str | None = None
    outcome_at: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    source: str = ""
    rows_per_day: int | None = None
    current: str | None = None
    neutralised: bool = False

    @classmethod
    def for_export(cls) -> Self:
        """The columns of `export_outcomes`: the newest outcome of each lead."""
        return cls(
            id="lead_id",
            created_at="created_at",
            matures_at="matures_at",
            outcome="state",
            outcome_at="occurred_at",
            source="source",
            ignore=frozenset({"timezone", "reward", "recorded_at", "converted"}),
            current="current",
            neutralised=True,
        )

    def named(self) -> dict[str, str]:
        """The flags that name a column."""
        flags = {
            "--id": self.id,
            "--created-at": self.created_at,
            "--matures-at": self.matures_at,
            "--outcome": self.outcome,
            "--outcome-at": self.outcome_at,
            "--current": self.current,
        }
        return {flag: name for flag, name in flags.items() if name}


@dataclass(frozen=True, slots=True)
class HistoryLead:
    """One lead. `state` None: no outcome (yet, or ever). `occurred_at` None: the file does not say when."""

    line: int
    external_id: str
    created_at: datetime
    matures_at: datetime
    state: str | None
    occurred_at: datetime | None
    source: str
    attributes: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot go in, and why."""

    line: int
    reason: str


class RowError(ValueError):
    """The row cannot become a lead; the message is the reason."""


class History:
    """A file looked through once, so that every column is read the same way from its first row to its last.

    Raises HistoryError for flags or a file that cannot work at all. Iterating reads the file in constant
    memory, but for 64 bytes per row when an id column must be checked for doubles. `region` is the country
    whose telephone numbers need no prefix.
    """

    def __init__(self, path: Path, columns: ColumnMap, *, horizon: timedelta, region: str = "US") -> None:
        self.scan: Scan = scan(
            path,
            named=columns.named(),
            ignore=columns.ignore,
            source=columns.source,
            dated=columns.rows_per_day is not None,
            neutralised=columns.neutralised,
        )
        self.path, self.columns, self.horizon = path, columns, horizon
        self._nobody = Context(region=region)
        self.endings = Endings(column=columns.outcome or "", mapping=columns.mapping)
        self.values = self._read_values()
        self.rows = self.scan.rows
        self.notes = self.scan.notes
        self._seen: set[int] = set()

    def __iter__(self) -> Iterator[HistoryLead | Reject]:
        self._seen = set()
        with closing(rows(self.path, self.scan.dialect)) as records:
            next(records)
            for number, row in enumerate(records):
                try:
                    if (lead := self._lead(number, row)) is not None:
                        yield lead
                except (RowError, CellError) as error:
                    yield Reject(row.line, str(error))

    def _lead(self, number: int, row: Row) -> HistoryLead | None:
        self._check(row)
        cells = row.cells
        if self.columns.current and self._cell(cells, self.columns.current).lower() not in ("t", "true", "1"):
            return None
        created_at = self._created_at(cells, number)
        matures_at = self._later_date(cells, self.columns.matures_at, "matures", created_at)
        occurred_at = self._later_date(cells, self.columns.outcome_at, "ended", created_at)
        state = self._state(cells, occurred_at)
        attributes, source = self._safe(cells)
        return HistoryLead(
            line=row.line,
            external_id=self._external_id(cells, row.line),
            created_at=created_at,
            matures_at=matures_at or created_at + self.horizon,
            state=state,
            occurred_at=occurred_at if state else None,
            source=source,
            attributes=attributes,
        )

    def _check(self, row: Row) -> None:
        if row.fault:
            raise RowError(row.fault)
        if len(row.cells) != len(self.scan.header):
            raise RowError(f"has {len(row.cells)} cells, the header has {len(self.scan.header)}")

    def _cell(self, cells: Sequence[str], name: str) -> str:
        text = cells[self.scan.index[name]].strip()
        return formulas.restore(text) if self.columns.neutralised else text

    def _date(self, cells: Sequence[str], name: str | None) -> datetime | None:
        if name is None or is_missing(text := cells[self.scan.index[name]]):
            return None
        try:
            found = csvdates.KINDS[self.scan.dates[name]](text.strip())
        except csvdates.DateError:
            raise RowError(f"{name} {text[:40]!r} is no date ({self.scan.dates[name]} is expected)") from None
        if not EARLIEST <= found <= LATEST:
            raise RowError(f"{name} {text[:40]!r} is not between the years 1970 and 2200")
        return found

    def _later_date(
        self, cells: Sequence[str], name: str | None, what: str, created_at: datetime
    ) -> datetime | None:
        """A date that cannot be before the lead; a bare day may be the lead's own day."""
        found = self._date(cells, name)
        if found is None or found >= created_at:
            return found
        if found.date() == created_at.date():
            return created_at
        raise RowError(f"{what} {found:%Y-%m-%d}, before it came in on {created_at:%Y-%m-%d}")

    def _created_at(self, cells: Sequence[str], number: int) -> datetime:
        if self.columns.rows_per_day is not None:
            return FIRST_DAY + timedelta(days=number / self.columns.rows_per_day)
        found = self._date(cells, self.columns.created_at)
        if found is None:
            raise RowError(f"{self.columns.created_at} is empty")
        return found

    def _state(self, cells: Sequence[str], occurred_at: datetime | None) -> str | None:
        if self.columns.outcome is None:
            return "booked" if occurred_at else None
        cell = self._cell(cells, self.columns.outcome)
        if is_missing(cell):
            return None
        try:
            return self.endings.read(cell)
        except EndingError:
            raise RowError(
                f"{self.columns.outcome} {cell[:60]!r} is no known ending. {self._advice()}"
            ) from None

    def _external_id(self, cells: Sequence[str], line: int) -> str:
        if self.columns.id is None:
            return f"{self.path.name.split('.')[0][:150]}:{line}"
        found = self._cell(cells, self.columns.id)
        if not found or len(found) > 200:
            raise RowError(
                f"{self.columns.id} is empty" if not found else f"{self.columns.id} is over 200 characters"
            )
        if wrong := external_ids.fault(found):
            raise RowError(f"{self.columns.id} {wrong}")
        if (known := hash(found)) in self._seen:
            raise RowError(f"{self.columns.id} {found!r} is on an earlier line too")
        self._seen.add(known)
        return found

    def _safe(self, cells: Sequence[str]) -> tuple[dict[str, Value], str]:
        """Attributes and source as they may be kept: an import stores them, a training learns from them."""
        given = {**self._attributes(cells), SOURCE: self._source(cells)}
        values = {
            name: value
            for name, value in judged(given, person=self._nobody).values.items()
            if value is not None
        }
        return values, str(values.pop(SOURCE))

    def _source(self, cells: Sequence[str]) -> str:
        if self.columns.source not in self.scan.index:
            return self.columns.source
        cell = self._cell(cells, self.columns.source)
        return "" if is_missing(cell) else cell[:100]

    def _attributes(self, cells: Sequence[str]) -> dict[str, Value]:
        attributes: dict[str, Value] = {}
        name = ""
        column: Column
        try:
            for name, index, column in self.scan.attributes:
                if (value := column[cells[index]]) is not None:
                    attributes[name] = value
        except CellError as error:
            raise RowError(f"{name} {error}") from None
        return attributes

    def _read_values(self) -> dict[str, str]:
        """Each value of the outcome column with its state; HistoryError when all are unknown."""
        found: dict[str, str] = {}
        for value in self.scan.endings:
            try:
                found[value] = self.endings.read(value) or "no outcome"
            except EndingError:
                found[value] = ""
        if found and not any(found.values()):
            raise HistoryError(f"no value of {self.columns.outcome} says how a lead ended. {self._advice()}")
        return found

    def _advice(self) -> str:
        seen = ", ".join(f"{value} ({count:,})" for value, count in self.scan.endings.most_common(12))
        return f'Seen: {seen}. Say what they mean with --map "VALUE=booked,VALUE=ghosted,…"'
