"""The table that a run prints. Pure."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.chaos.evidence import Evidence
from benchmarks.chaos.laws import Verdict

SHOWN = 5


def table(evidence: Evidence, verdicts: Sequence[Verdict], *, seconds: float) -> str:
    """What was done, then each law with its figure, and the first who break it."""
    kills = Counter(kill.name.split()[0] for kill in evidence.kills)
    statuses = Counter(row.status for row in evidence.rows)
    said = Counter(one.what for one in evidence.goodbyes)
    lines = [
        f"{len(evidence.rows):,} follow-ups in {seconds:.0f} s: {_counted(statuses)}",
        f"{len(evidence.kills):,} processes killed: {_counted(kills)}",
        f"{len(evidence.goodbyes):,} people spoke: {_counted(said)}",
        f"{sum(delivery.effect for delivery in evidence.deliveries):,} effects at the sinks,"
        f" {len(evidence.promised):,} people taken in",
        "",
    ]
    for verdict in verdicts:
        lines.append(f"{verdict.law:<56}{verdict.found:>44}  {'kept' if verdict.holds else 'BROKEN'}")
        lines += [f"    {one}" for one in verdict.broken_by[:SHOWN]]
        if len(verdict.broken_by) > SHOWN:
            lines.append(f"    and {len(verdict.broken_by) - SHOWN:,} more")
    return "\n".join(lines) + "\n"


def _counted(counts: Counter[str]) -> str:
    return (
        ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in sorted(counts.items())) or "none"
    )
