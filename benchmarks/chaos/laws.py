"""What must hold whatever is killed. Each law looks at the evidence and names who breaks it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.chaos.evidence import ONCE, Evidence, Row
from benchmarks.chaos.recovery import orphans, percentile

ENDS = ("sent", "failed", "in_doubt", "cancelled")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a law holds, the figure found, and whom to look at if it does not."""

    law: str
    found: str
    broken_by: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        """Nobody breaks it."""
        return not self.broken_by


def judged(evidence: Evidence) -> list[Verdict]:
    """Every law."""
    return [law(evidence) for law in LAWS]


def _enrolled(evidence: Evidence) -> Verdict:
    there = {row.person for row in evidence.rows}
    missing = sorted(evidence.promised - there)
    return Verdict(
        "everybody we took in has a follow-up",
        f"{len(evidence.promised) - len(missing):,} of {len(evidence.promised):,}",
        missing,
    )


def _ended(evidence: Evidence) -> Verdict:
    left = [row for row in evidence.rows if row.status not in ENDS]
    return Verdict("every follow-up has come to an end", f"{len(left)} left", _names(left))


def _none_lost(evidence: Evidence) -> Verdict:
    """A sink that takes an id once can be asked until it answers."""
    effects = evidence.effects()
    rows = [row for row in evidence.silent() if row.sink == ONCE]
    lost = [row for row in rows if row.status != "sent" or row.person not in effects]
    return Verdict("idempotent sink: lost", f"{len(lost)} of {len(rows):,}", _names(lost))


def _none_doubled(evidence: Evidence) -> Verdict:
    doubled = _more_than_once(evidence, once=True)
    at_once = [delivery.effect for delivery in evidence.deliveries if delivery.sink == ONCE]
    again = at_once.count(False) - at_once.count(True)
    return Verdict(
        "idempotent sink: effects more than once", f"{len(doubled)}, {again} repeats caught", doubled
    )


def _none_repeated(evidence: Evidence) -> Verdict:
    doubled = _more_than_once(evidence, once=False)
    return Verdict("other sinks: effects more than once", str(len(doubled)), doubled)


def _sent_or_in_doubt(evidence: Evidence) -> Verdict:
    rows = [row for row in evidence.silent() if row.sink != ONCE]
    doubted = sum(row.status == "in_doubt" for row in rows)
    wrong = [row for row in rows if row.status not in ("sent", "in_doubt")]
    return Verdict(
        "other sinks: sent + in doubt = all",
        f"{sum(row.status == 'sent' for row in rows):,} + {doubted} = {len(rows):,}",
        _names(wrong),
    )


def _sent_is_true(evidence: Evidence) -> Verdict:
    effects = evidence.effects()
    wrong = [row for row in evidence.rows if row.status == "sent" and row.person not in effects]
    return Verdict("what is told as sent arrived", f"{len(wrong)} did not", _names(wrong))


def _not_sent_is_true(evidence: Evidence) -> Verdict:
    effects = evidence.effects()
    wrong = [row for row in evidence.rows if row.status in ("cancelled", "failed") and row.person in effects]
    return Verdict("what is told as not sent did not arrive", f"{len(wrong)} did", _names(wrong))


def _nobody_dropped(evidence: Evidence) -> Verdict:
    wrong = [row for row in evidence.silent() if row.status in ("cancelled", "failed")]
    return Verdict("nobody is dropped who kept silent", f"{len(wrong)} were", _names(wrong))


def _none_pestered(evidence: Evidence) -> Verdict:
    """No send began after we had said that we know."""
    told = {one.person: one.told_at for one in evidence.goodbyes if one.told_at is not None}
    begun = [
        (row, entry.began)
        for row in evidence.rows
        if row.person in told
        for entry in evidence.journal.get(row.id, ())
        if entry.status == "sending"
    ]
    wrong = [row for row, began in begun if began > told[row.person]]
    return Verdict(
        "nobody is written to who answered or opted out",
        f"{len(wrong)} of {len(told):,} who did",
        _names(wrong),
    )


def _recovered(evidence: Evidence) -> Verdict:
    found, limit = list(orphans(evidence.journal, evidence.kills)), evidence.longest_recovery
    seconds = [orphan.seconds for orphan in found if orphan.seconds is not None]
    slow = [orphan for orphan in found if orphan.seconds is None or orphan.seconds > limit]
    p99 = percentile(seconds, 0.99)
    broken = p99 >= limit or len(seconds) < len(found)
    return Verdict(
        f"work of a killed process goes on, p99 < {limit:.0f} s",
        f"p50 {percentile(seconds, 0.5):.1f} s, p99 {p99:.1f} s, max {max(seconds, default=0):.1f} s"
        f" of {len(found):,} rows",
        [f"{orphan.followup} {orphan.status} {orphan.seconds} {orphan.kill.name}" for orphan in slow]
        if broken
        else [],
    )


def _counters_are_rows(evidence: Evidence) -> Verdict:
    wrong = [
        f"{one.name}: {one.value:.0f} of {one.written}, of which {one.may_lack} were in hand"
        for one in evidence.counted
        if not 0 <= one.written - one.value <= one.may_lack
    ]
    lacking = sum(one.written - one.value for one in evidence.counted)
    return Verdict(
        "counters on /metrics are what was written",
        f"{lacking:.0f} of {sum(one.written for one in evidence.counted):,} not counted",
        [*wrong, *evidence.went_back],
    )


LAWS: tuple[Callable[[Evidence], Verdict], ...] = (
    _enrolled,
    _ended,
    _none_lost,
    _none_doubled,
    _none_repeated,
    _sent_or_in_doubt,
    _sent_is_true,
    _not_sent_is_true,
    _nobody_dropped,
    _none_pestered,
    _recovered,
    _counters_are_rows,
)


def _more_than_once(evidence: Evidence, *, once: bool) -> list[str]:
    return [
        f"{person}: {len(heard)}"
        for person, heard in evidence.effects().items()
        if len(heard) > 1 and (heard[0].sink == ONCE) == once
    ]


def _names(rows: Sequence[Row]) -> list[str]:
    return [f"{row.id} {row.person} {row.status} {row.reason}".rstrip() for row in rows]
