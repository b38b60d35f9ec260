"""`manage.py train_model`: a scorecard from a file of outcomes. Needs no database."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from leads.csvfile import ColumnMap, History, HistoryError
from modeling.backtest.plan import last_heard
from modeling.dataset import as_datetime
from modeling.history import record
from modeling.learning import LearningOptions, Lesson, NotEnoughData, learn


class Command(BaseCommand):
    """The file is written when a scorecard was made, and only then."""

    help = "Train on the CSV of export_outcomes (or GET /ops/export/outcomes.csv) and write a model.json."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Both files are named."""
        parser.add_argument("--input", type=Path, required=True, metavar="CSV")
        parser.add_argument("--output", type=Path, required=True, metavar="JSON")

    def handle(self, *args: Any, **options: Any) -> str:
        """Read, learn, write."""
        try:
            lesson = _learned(options["input"], self._show)
            _write(options["output"], lesson.artifact)
        except (HistoryError, NotEnoughData, OSError) as error:
            raise CommandError(str(error)) from error
        auc = "not measured" if lesson.auc is None else f"{lesson.auc:.3f}"
        told = f"{options['output']}: AUC {auc}, {lesson.n_train:,} leads, sha256 {lesson.sha256}"
        return "\n".join([told, *(f"  {reason}" for reason in lesson.reasons)])

    def _show(self, phase: str, part: float) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{phase:<10} {part:4.0%} ", ending="")
            self.stderr.flush()


def _learned(path: Path, show: Any) -> Lesson:
    horizon = timedelta(days=settings.OUTCOME_HORIZON_DAYS)
    found = record(History(path, ColumnMap.for_export(), horizon=horizon, region=settings.PHONE_REGION))
    if not len(found.leads):
        raise NotEnoughData(f"{path} holds no lead to learn from.")
    return learn(
        leads=found.leads,
        champion=None,
        now=as_datetime(last_heard(found.leads)),  # not the clock: the same file makes the same bytes
        rules={},
        options=LearningOptions(
            min_leads=settings.MODEL_MIN_LEADS,
            min_converted=settings.MODEL_MIN_CONVERTED,
            seed=settings.MODEL_SEED,
            tuning_seconds=settings.TUNING_SECONDS,
        ),
        on_progress=show,
    )


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f"{path.name}.part")
    fresh.write_bytes(data)
    fresh.replace(path)
