"""`manage.py import_leads`: a history file becomes leads and outcomes."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now
from tqdm import tqdm

from followups import enrolling
from followups.models import Trigger
from leads.csvfile import History, HistoryError
from leads.csvflags import add_column_flags, columns_of
from leads.importing import ImportReport, import_history
from leads.rejects import RejectsFile


class Command(BaseCommand):
    """Reads CSV or CSV.gz of any shape; a second run changes nothing."""

    help = "Bring in leads and their endings from a CSV or CSV.gz file; bad rows go to a rejects file."

    def add_arguments(self, parser: CommandParser) -> None:
        """The column flags are those of backtest."""
        parser.add_argument("file", type=Path, metavar="FILE")
        add_column_flags(parser)
        parser.add_argument("--rejects", type=Path, metavar="PATH", help="default: FILE.rejects.csv, here")
        parser.add_argument(
            "--follow-up", action="store_true", help="let policies take in the new leads that have not ended"
        )
        parser.add_argument("--dry-run", action="store_true", help="store nothing, tell what would happen")

    def handle(self, *args: Any, **options: Any) -> str:
        """Read, bring in, tell."""
        try:
            horizon = timedelta(days=settings.OUTCOME_HORIZON_DAYS)
            history = History(
                options["file"], columns_of(options), horizon=horizon, region=settings.PHONE_REGION
            )
        except HistoryError as error:
            raise CommandError(str(error)) from error
        rejects = RejectsFile(options["rejects"] or Path(f"{options['file'].name}.rejects.csv"))
        if not os.access(rejects.path.parent, os.W_OK):
            raise CommandError(f"--rejects {rejects.path}: no folder that can be written to")
        moment = now()
        with rejects, tqdm(total=history.rows, unit=" rows", disable=options["verbosity"] == 0) as bar:
            report = import_history(
                history=history,
                now=moment,
                on_rows=bar.update,
                on_reject=rejects.add,
                on_created=partial(_enrol, now=moment) if options["follow_up"] else _leave_alone,
                dry_run=options["dry_run"],
            )
        return "\n".join(_told(history, report, rejects, dry_run=options["dry_run"]))


def _leave_alone(leads: Sequence[UUID]) -> None:
    """Nobody is written to because of a file, unless that is asked for."""


def _enrol(leads: Sequence[UUID], *, now: datetime) -> None:
    enrolling.enrol_stored(leads, trigger=Trigger.IMPORTED, now=now)


def _told(history: History, report: ImportReport, rejects: RejectsFile, *, dry_run: bool) -> list[str]:
    read = ", ".join(f"{value} → {state or 'rejected'}" for value, state in list(history.values.items())[:20])
    lines = [f"{note}." for note in history.notes]
    lines += [f"Endings: {read}."] if read else []
    lines += report.sentences()
    lines += [f"{rejects.count:,} rejects with line and reason: {rejects.path}"] if rejects.count else []
    return [*lines, "Dry run: nothing was stored."] if dry_run else lines
