"""A scrub in plain lines, for the one who ran it."""

from collections.abc import Iterable, Iterator

from privacy.models import ScrubRun
from privacy.scrubbing.tally import Problem, Sample

PROBLEMS = {
    Problem.NOT_TEXT: "values that are no UTF-8 text",
    Problem.KEY_NAME: "keys whose name holds something personal",
    Problem.FIELD_NAME: "fields whose name holds something personal",
    Problem.UNKNOWN_TYPE: "keys of a type that is not read here",
    Problem.TOO_LARGE: "strings that are too large",
    Problem.BUSY: "that changed faster than they could be replaced",
    Problem.REFUSED: "that the server refused to change",
}


def told(run: ScrubRun, samples: Iterable[Sample]) -> Iterator[str]:
    """What was seen, what was done, what is left."""
    would = "would be " if run.dry_run else ""
    seconds = (run.finished_at - run.started_at).total_seconds()
    yield (
        f"Scrub {run.pk}: {run.stores}; {run.pattern}, detector {run.detector_version}, by {run.actor}, "
        f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC, {seconds:,.1f} s{_resumed(run)}."
    )
    yield (
        f"{run.keys_scanned:,} keys and {run.values_scanned:,} values looked at; {run.values_changed:,} "
        f"values {would}changed, {run.values_withheld:,} of them {would}withheld."
    )
    if not run.keys_scanned and "redis" in run.stores:
        yield f"No key matches {run.pattern}."
    if run.kinds:
        yield "Replaced: " + ", ".join(f"{kind} {times:,}" for kind, times in run.kinds.items()) + "."
    for place, kinds, shape in samples:
        yield f"  {place}  {kinds}  {shape}"
    for problem, times in sorted(problems(run).items()):
        yield f"Left: {times:,} {PROBLEMS[Problem(problem)]}."
    if run.dry_run:
        yield "Dry run: nothing was changed."
    yield f"Certificate {run.pk}, signed {run.signature[:16]}…"


def problems(run: ScrubRun) -> dict[str, int]:
    """What was left, and why, of all stores together."""
    found: dict[str, int] = {}
    for figures in run.figures.values():
        for problem, times in figures["problems"].items():
            found[problem] = found.get(problem, 0) + times
    return found


def _resumed(run: ScrubRun) -> str:
    return f", resumed {run.resumed} times" if run.resumed else ""
