"""One scrub from its start, or from where it was interrupted, to its certificate."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.utils.timezone import now

from privacy.kinds import DETECTOR_VERSION
from privacy.models import ScrubProgress, ScrubRun
from privacy.scrubbing import certificates, columns
from privacy.scrubbing.crew import Batch, Crew, Order
from privacy.scrubbing.link import Link
from privacy.scrubbing.tally import Tally

REDIS, POSTGRES = "redis", "postgres"
STORES = (REDIS, POSTGRES)
LOCK = 7_311  # of Postgres; held by the session of a scrub, it goes with its process
COUNT = 500  # keys that one SCAN looks at
BATCH = 400  # keys that are scrubbed together
PATTERN_LONGEST = 1000
SAVE_SECONDS = 0.5
# A detector that fails would withhold everything: past so many, and one in a hundred, a person decides.
WITHHELD_MOST, WITHHELD_SHARE = 1000, 0.01


class ScrubError(Exception):
    """The scrub cannot begin; the text says why."""


class Watch(Protocol):
    """Is told how far a scrub has come."""

    def begins(self, store: str, total: int) -> None:
        """A store of about `total` keys or rows."""

    def moves(self, count: int, tally: Tally) -> None:
        """So many more were looked at."""

    def ends(self) -> None:
        """Nothing more comes."""


class Silent:
    """Watches nothing."""

    def begins(self, store: str, total: int) -> None: ...

    def moves(self, count: int, tally: Tally) -> None: ...

    def ends(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to scrub."""

    pattern: str = "mem:*"
    database: int | None = None
    stores: Sequence[str] = STORES
    dry_run: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.pattern) <= PATTERN_LONGEST:
            raise ScrubError(f"The pattern has between 1 and {PATTERN_LONGEST} characters, as mem:* has.")


@dataclass(slots=True)
class Run:
    """The certificate and a few masked samples, which are not kept."""

    certificate: ScrubRun
    tally: Tally = field(default_factory=Tally)


def interrupted() -> ScrubProgress | None:
    """The scrub that was not finished, if there is one."""
    return ScrubProgress.objects.first()


def asked_for(row: ScrubProgress) -> Plan:
    """The plan of a scrub that was not finished."""
    return Plan(row.pattern, row.database, tuple(row.stores.split(", ")), row.dry_run)


def run(
    plan: Plan, *, actor: str, resume: bool = False, processes: int = 1, watch: Watch | None = None
) -> Run:
    """Scrub, and sign what was done.

    With `resume` the interrupted scrub goes on as it was asked for; without one, the plan begins.
    Raises ScrubError, redis.RedisError, CrewLost, DatabaseError; what was done until then can be resumed.
    """
    with _only_one():
        work = Work(_opened(plan, actor, resume=resume), watch or Silent())
        try:
            work.scrub(processes)
        finally:
            work.watch.ends()
        return Run(work.certified(), work.total())


@contextmanager
def _only_one() -> Iterator[None]:
    """A lock on a connection of its own, so that neither a closed nor a killed process leaves it behind."""
    connection = connections.create_connection("default")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone() != (True,):
                raise ScrubError("Another scrub is under way.")
            try:
                yield
            finally:  # at once: Postgres sees only later that a connection is closed
                with suppress(DatabaseError, InterfaceError):
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    finally:
        connection.close()


def _opened(plan: Plan, actor: str, *, resume: bool) -> ScrubProgress:
    row = interrupted() if resume else None
    if row is not None:
        if row.detector_version == DETECTOR_VERSION:
            row.resumed += 1
            row.save()
            return row
        plan = asked_for(row)  # an older detector has judged what is done: once more from the beginning
    ScrubProgress.objects.all().delete()
    return ScrubProgress.objects.create(
        actor=actor,
        pattern=plan.pattern,
        database=plan.database,
        stores=", ".join(plan.stores),
        dry_run=plan.dry_run,
        detector_version=DETECTOR_VERSION,
    )


class Work:
    """The steps of one scrub, each saved as it is done."""

    def __init__(self, row: ScrubProgress, watch: Watch) -> None:
        self.row = row
        self.watch = watch
        self.stores = row.stores.split(", ")
        self.tallies = {name: Tally.of(figures) for name, figures in row.figures.items()}
        self._saved = monotonic()

    def scrub(self, processes: int) -> None:
        """What is left of both stores."""
        if REDIS in self.stores and self.row.cursor:
            self.scrub_redis(processes)
        if POSTGRES in self.stores:
            self.scrub_postgres()

    def scrub_redis(self, processes: int) -> None:
        """Every key of the pattern; from the beginning when another server gave the cursor."""
        order = Order(settings.REDIS_URL, self.row.database, not self.row.dry_run, settings.PHONE_REGION)
        with Link(order.url, order.database) as link, Crew(order, processes=processes) as crew:
            self.watch.begins(REDIS, int(link.one("DBSIZE")))
            while self.row.cursor:
                server = _server(link)
                if server != self.row.server:
                    self.row.cursor, self.row.server = "0", server
                for batch, tally in crew.scrub(_batches(link, self.row.pattern, self.row.cursor)):
                    self._tally(REDIS).add(tally)
                    self.row.cursor = batch.cursor
                    self._save()
                    self.watch.moves(len(batch.keys), self.total())
                self.row.cursor = "" if _server(link) == server else "0"
        self._save(at_once=True)

    def scrub_postgres(self) -> None:
        """Every declared column."""
        judges = columns.Judges(settings.PHONE_REGION)
        tables = list(columns.tables())
        self.watch.begins(POSTGRES, sum(table.rows.count() for table in tables))
        done = self.row.place.get("table", "")
        for table in tables:
            if table.name < done:
                continue
            after = table.model._meta.pk.to_python(self.row.place["after"]) if table.name == done else None
            columns.scrub(table, judges, write=not self.row.dry_run, after=after, saved=self._rows)

    def certified(self) -> ScrubRun:
        """The signed row; nothing is left to resume."""
        row, total = self.row, self.total()
        certificate = ScrubRun(
            started_at=row.started_at,
            finished_at=now(),
            actor=row.actor,
            pattern=row.pattern,
            database=row.database,
            stores=row.stores,
            dry_run=row.dry_run,
            resumed=row.resumed,
            detector_version=row.detector_version,
            keys_scanned=total.keys,
            values_scanned=total.values,
            values_changed=total.changed,
            values_withheld=total.withheld,
            unscrubbable=total.unscrubbable,
            kinds=total.figures()["kinds"],
            figures=self._figures(),
        )
        certificate.signature = certificates.sign(certificate)
        certificate.save(force_insert=True)
        row.delete()
        return certificate

    def total(self) -> Tally:
        """Everything together."""
        total = Tally()
        for tally in self.tallies.values():
            total.add(tally)
        return total

    def _rows(self, table: str, after: Any, seen: dict[str, Tally]) -> None:
        for column, tally in seen.items():
            self._tally(f"{table}.{column}").add(tally)
        self.row.place = {"table": table, "after": str(after)}
        self._save()
        self.watch.moves(max(tally.values for tally in seen.values()), self.total())

    def _tally(self, name: str) -> Tally:
        return self.tallies.setdefault(name, Tally())

    def _figures(self) -> dict[str, Any]:
        return {name: tally.figures() for name, tally in sorted(self.tallies.items())}

    def _save(self, *, at_once: bool = False) -> None:
        total = self.total()
        if total.withheld > max(WITHHELD_MOST, WITHHELD_SHARE * total.values):
            raise ScrubError(
                f"{total.withheld:,} of {total.values:,} values were withheld: is the detector well?"
            )
        if at_once or monotonic() - self._saved >= SAVE_SECONDS:
            self.row.figures = self._figures()
            self.row.saved_at = now()
            self.row.save()
            self._saved = monotonic()


def _batches(link: Link, pattern: str, cursor: str) -> Iterator[Batch]:
    """Every key that is there all the while, at least once; SCAN may tell one twice."""
    keys: list[bytes] = []
    while True:
        following, found = link.one("SCAN", cursor, "MATCH", pattern, "COUNT", COUNT)
        cursor = following.decode()
        keys += found
        if len(keys) >= BATCH or cursor == "0":
            yield Batch(cursor, keys)
            keys = []
        if cursor == "0":
            return


def _server(link: Link) -> str:
    """Which process of the server answers: a cursor means nothing to the next one."""
    try:
        about = link.one("INFO", "server")
    except redis.ResponseError:  # forbidden by some hosts
        return ""
    lines = dict(line.partition(":")[::2] for line in about.decode().splitlines())
    return str(lines.get("run_id", ""))
