"""What the counters of follow-ups should show, from the journal. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from benchmarks.chaos.evidence import Counted, Row
from benchmarks.chaos.journal import Entry
from benchmarks.chaos.killing import POSTGRES, Kill
from benchmarks.chaos.recovery import pid_of
from benchmarks.chaos.scraping import Scrapes

ENDS = ("sent", "failed", "in_doubt", "cancelled")
IN_HAND_SECONDS = 2.0  # what was committed so long before the death may not have been counted
CHANNELS = {"once": "webhook", "each": "webhook", "mail": "email"}


def counted(
    scrapes: Scrapes, rows: Sequence[Row], journal: Mapping[str, Sequence[Entry]], kills: Sequence[Kill]
) -> Iterator[Counted]:
    """Jobs by how they ended; attempts of each channel."""
    written: Counter[tuple[str, str]] = Counter()
    in_hand: Counter[tuple[str, str]] = Counter()
    channels = {row.id: CHANNELS[row.sink] for row in rows}
    for followup, entries in journal.items():
        for before, entry in pairwise(entries):
            for series in _series(before, entry, channels[followup]):
                written[series] += 1
                in_hand[series] += _may_be_uncounted(entry, kills)
    for kind, label in written:
        name = "followup_jobs_total" if kind == "result" else "followup_attempts_total"
        yield Counted(
            name=f"{name}{{{label}}}",
            value=scrapes.total(name, **{kind: label}),
            written=written[kind, label],
            may_lack=in_hand[kind, label],
        )


def _series(before: Entry, entry: Entry, channel: str) -> Iterator[tuple[str, str]]:
    """Whatever leaves `sending` was an attempt; whatever comes to an end was a job.

    The attempt of a worker that was given up for dead was counted then: if it speaks up after all, only
    another end counts.
    """
    if before.status == "sending":
        yield "channel", channel
    if entry.status in ENDS and entry.status != before.status:
        yield "result", entry.status


def _may_be_uncounted(entry: Entry, kills: Sequence[Kill]) -> bool:
    """A row that was given back or put in doubt for a dead process names that one, not who did it."""
    return any(
        0 <= kill.at - entry.at < IN_HAND_SECONDS
        and (kill.name == POSTGRES or entry.reason == "crashed" or pid_of(entry.holder) == kill.pid)
        for kill in kills
    )
