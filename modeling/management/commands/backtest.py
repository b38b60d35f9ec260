"""`manage.py backtest`: would learning every night have helped with this history? Needs no database."""

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from leads.csvfile import History, HistoryError
from leads.csvflags import add_column_flags, columns_of
from modeling.backtest import told
from modeling.backtest.hindsight import clean
from modeling.backtest.plan import CannotReplay, Every, Period, fitting_every, plan
from modeling.backtest.replay import Replay, replay
from modeling.backtest.report import document_of
from modeling.dataset import Dataset
from modeling.history import Record, record, shortened
from modeling.learning import LearningOptions
from modeling.selection import Rule


class Command(BaseCommand):
    """Reads a history, lives through it again, writes a report."""

    help = "Replay a CSV or CSV.gz history through the real learning, gate and scorer, and report."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The column flags are those of import_leads."""
        parser.add_argument("file", type=Path, metavar="FILE")
        add_column_flags(parser)
        add = parser.add_argument_group("replay").add_argument
        add("--every", choices=("month", "week", "day"), help="how often to learn; else as the span suggests")
        add("--from", type=_first_moment, metavar="DATE", help="2016-02 or 2016-02-01; else once it can")
        add("--until", type=_last_moment, metavar="DATE", help="the last day or month; else as far as known")
        add("--tuning-seconds", type=_seconds, default=5.0, metavar="N", help="for each learning (default 5)")
        add(
            "--allow",
            type=_names,
            default=frozenset(),
            metavar="COL,COL",
            help="columns known at arrival, even if they tell much about the ending",
        )
        add("--report", type=Path, default=Path("backtest-report"), metavar="DIR", help="where to write")

    def handle(self, *args: Any, **options: Any) -> str:
        """Read, replay, report."""
        quiet = options["verbosity"] == 0
        try:
            history, found = _read(options, quiet=quiet)
            limits = _learning_options(options)
            leads, notes = _timed(history, found.leads)
            every = options["every"] or fitting_every(leads)
            periods = _plan(leads, every, limits, options)
            rules = _rules(options["allow"], leads)
            cleaned = clean(leads, rules)
            lived = _replay(cleaned.leads, periods, limits, rules, quiet=quiet)
            document = document_of(
                lived,
                given_away=cleaned.left_out,
                history=_told_of(history, found, notes),
                settings=_settings(history, every, periods, limits) | {"allowed": sorted(rules)},
                seed=limits.seed,
            )
            written = told.write(document, options["report"])
        except (HistoryError, CannotReplay, told.CannotWrite) as error:
            raise CommandError(str(error)) from error
        return "\n".join([*told.lines(document), f"Report: {written}"])


def _read(options: dict[str, Any], *, quiet: bool) -> tuple[History, Record]:
    told.check_folder(options["report"])
    horizon = timedelta(days=settings.OUTCOME_HORIZON_DAYS)
    history = History(options["file"], columns_of(options), horizon=horizon, region=settings.PHONE_REGION)
    with tqdm(total=history.rows, desc="reading", unit=" rows", disable=quiet, leave=False) as bar:
        return history, record(history, on_row=bar.update)


def _timed(history: History, leads: Dataset) -> tuple[Dataset, list[str]]:
    if history.columns.matures_at or history.columns.outcome_at:
        return leads, history.notes
    horizon = timedelta(days=settings.OUTCOME_HORIZON_DAYS)
    leads, taken = shortened(leads, horizon)
    if taken == horizon:
        return leads, history.notes
    note = (
        f"nothing says when leads ended and {horizon.days} days would be most of the file: their endings are"
        f" taken as known {taken / timedelta(days=1):.3g} days after they came in"
    )
    return leads, [*history.notes, note]


def _learning_options(options: dict[str, Any]) -> LearningOptions:
    return LearningOptions(
        min_leads=settings.MODEL_MIN_LEADS,
        min_converted=settings.MODEL_MIN_CONVERTED,
        seed=settings.MODEL_SEED,
        tuning_seconds=options["tuning_seconds"],
    )


def _rules(allowed: frozenset[str], leads: Dataset) -> dict[str, Rule]:
    if unknown := allowed - leads.columns.keys():
        raise CannotReplay(f"--allow {', '.join(sorted(unknown))}: the leads have no such attribute")
    return {name: Rule(use="allow") for name in allowed}


def _plan(leads: Dataset, every: Every, limits: LearningOptions, options: dict[str, Any]) -> list[Period]:
    return plan(
        leads,
        every,
        starts=options["from"],
        ends=options["until"],
        min_leads=limits.min_leads,
        min_converted=limits.min_converted,
    )


def _replay(
    leads: Dataset, periods: list[Period], limits: LearningOptions, rules: Mapping[str, Rule], *, quiet: bool
) -> Replay:
    with tqdm(total=len(periods), unit=" periods", disable=quiet) as bar:

        def progress(number: int, phase: str, done: float) -> None:
            if done == 0.0 or phase == "scored":
                bar.n = number + (phase == "scored")
                bar.set_description(f"{periods[number].starts:%Y-%m-%d} {phase:<9}")

        return replay(leads, periods, rules=rules, options=limits, on_progress=progress)


def _told_of(history: History, found: Record, notes: list[str]) -> dict[str, Any]:
    return {
        "file": history.path.name,
        "rows": history.rows,
        "leads": len(found.leads),
        "converted": int(found.leads.converted.sum()),
        "endings": history.values,
        "rejected": found.rejects,
        "left out": dict(found.leads.dropped),
        "notes": notes,
    }


def _settings(
    history: History, every: Every, periods: list[Period], limits: LearningOptions
) -> dict[str, Any]:
    return {
        "every": every,
        "from": f"{periods[0].starts:%Y-%m-%d}",
        "until": f"{periods[-1].ends - timedelta(microseconds=1):%Y-%m-%d}",
        "columns": history.columns.named(),
        "ignored": sorted(history.columns.ignore),
        "horizon days": settings.OUTCOME_HORIZON_DAYS,
        "tuning seconds": limits.tuning_seconds,
        "minimum leads": limits.min_leads,
        "minimum converted": limits.min_converted,
        "seed": limits.seed,
    }


def _first_moment(text: str) -> datetime:
    return _date(text)[0]


def _last_moment(text: str) -> datetime:
    return _date(text)[1]


def _date(text: str) -> tuple[datetime, datetime]:
    """Where a day or a month starts, and where the next one does."""
    for form, days in (("%Y-%m-%d", 1), ("%Y-%m", 32)):
        try:
            starts = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        ends = starts + timedelta(days=days)
        return starts, ends if days == 1 else ends.replace(day=1)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a day like 2016-02-01 nor a month like 2016-02")


def _names(text: str) -> frozenset[str]:
    return frozenset(name for part in text.split(",") if (name := part.strip()))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to 86400")
    return seconds
