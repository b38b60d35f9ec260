"""`manage.py retrain`: learn now, in this process or on the training queue."""

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from modeling import retraining, tasks
from modeling.models import RetrainRun
from privacy import operator


class Command(BaseCommand):
    """Shows how far the run is, then the verdict with its reasons."""

    help = "Train on all matured leads, judge the candidate, and promote it when it is good enough."

    def add_arguments(self, parser: CommandParser) -> None:
        """Without flags the work is done here: that needs no worker."""
        parser.add_argument(
            "--queue", action="store_true", help="hand the run to a worker of the training queue"
        )
        parser.add_argument("--wait", action="store_true", help="with --queue: stay until the run is over")

    def handle(self, *args: Any, **options: Any) -> str:
        """Ask for a run and see it through. A run that is open already is the one that is followed."""
        run = retraining.request_by(person=operator.name(), now=now())
        if options["queue"]:
            if not tasks.hand_over(run):
                self.stderr.write("The broker cannot be reached; the next check hands the run to a worker.")
            if not options["wait"]:
                return f"Run {run.pk} ({run.slot}) is queued."
            finished = self._follow(run)
        else:
            finished = self._train(run)
        return _told(finished)

    def _train(self, run: RetrainRun) -> RetrainRun:
        # As Ctrl-C does: the run is given back at once instead of waiting for its lease to end.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return retraining.run(run.pk, watch=self._show) or self._take_over(run)
        except KeyboardInterrupt:
            raise CommandError(f"Run {run.pk} is stopped and waits for the next worker.") from None

    def _take_over(self, run: RetrainRun) -> RetrainRun:
        """Wait for the worker that has the run, and do its work when it falls silent."""
        self.stderr.write(f"Run {run.pk} is with another worker; waiting for it.")
        while run.status in retraining.OPEN:
            self._show(run.phase, run.progress)
            time.sleep(0.5)
            retraining.give_up()
            if finished := retraining.run(run.pk, watch=self._show):
                return finished
            run.refresh_from_db()
        return run

    def _follow(self, run: RetrainRun) -> RetrainRun:
        while run.status in retraining.OPEN:
            self._show(run.phase, run.progress)
            time.sleep(0.5)
            run.refresh_from_db()
        return run

    def _show(self, phase: str, part: float) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{phase:<10} {part:4.0%} ", ending="")
            self.stderr.flush()


def _told(run: RetrainRun) -> str:
    if run.status != RetrainRun.Status.COMPLETED:
        raise CommandError(f"Run {run.pk} did not come to a verdict (attempt {run.attempts}): {run.error}")
    version = f" version {run.version_id}" if run.version_id else ""
    return "\n".join([f"Run {run.pk}: {run.verdict}{version}", *(f"  {reason}" for reason in run.reasons)])
