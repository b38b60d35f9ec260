"""`manage.py scrub_history`: look at everything that is kept once more, and redact it in place."""

import os
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from privacy.models import ScrubRun
from privacy.operator import name
from privacy.scrubbing import certificates, running
from privacy.scrubbing.crew import CrewLost
from privacy.scrubbing.running import Plan, ScrubError
from privacy.scrubbing.tally import Tally
from privacy.scrubbing.telling import told

LEFT_OVER = 3  # exit code: done, but something could not be scrubbed
FORGED = 4  # exit code: a certificate is not as it was signed


class Command(BaseCommand):
    """Redis by a pattern of keys, and the text columns of Postgres. A second run changes nothing."""

    help = "Redact what is kept in Redis and Postgres, in place. Exit code 3: something could not be."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, where, whether."""
        parser.add_argument("--dry-run", action="store_true", help="look and count, write nothing")
        parser.add_argument("--pattern", help="of keys in Redis (default mem:*)")
        parser.add_argument("--database", type=int, metavar="N", help="of Redis (default: that of REDIS_URL)")
        parser.add_argument("--only", choices=running.STORES, help="Redis or Postgres alone")
        parser.add_argument("--resume", action="store_true", help="go on where an interrupted run stopped")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
        parser.add_argument("--verify", type=int, metavar="ID", help="only tell whether a certificate holds")

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Scrub and tell, or look at a certificate."""
        if options["verify"] is not None:
            return _verified(options["verify"])
        if not 1 <= options["processes"] <= 64:
            raise CommandError("--processes is between 1 and 64")
        if options["resume"] and running.interrupted() is None:
            return "No interrupted run: nothing to resume."
        try:
            run = running.run(
                _plan(options),
                actor=name(),
                resume=options["resume"],
                processes=options["processes"],
                watch=Bar(quiet=options["verbosity"] == 0),
            )
        except ScrubError as error:
            raise CommandError(str(error)) from error
        except redis.RedisError as error:
            raise CommandError(f"Redis: {error}. What was done is kept: go on with --resume.") from error
        except CrewLost as error:
            raise CommandError(f"{error}. What was done is kept: go on with --resume.") from error
        said = "\n".join(told(run.certificate, run.tally.samples))
        if run.certificate.unscrubbable:
            self.stdout.write(said)
            raise CommandError("Something could not be scrubbed; see above.", returncode=LEFT_OVER)
        return said


def _plan(options: dict[str, Any]) -> Plan:
    interrupted = running.interrupted()
    if options["resume"] and interrupted is not None:
        plan = running.asked_for(interrupted)
        other = options["pattern"] not in (None, plan.pattern)
        if other or options["dry_run"] > plan.dry_run:
            dry = ", dry" if plan.dry_run else ""
            raise ScrubError(
                f"The interrupted run was of {plan.pattern}{dry}: resume it as it was, or leave --resume out."
            )
        return plan
    pattern = "mem:*" if options["pattern"] is None else options["pattern"]
    stores = (options["only"],) if options["only"] else running.STORES
    return Plan(pattern, options["database"], stores, options["dry_run"])


def _verified(number: int) -> str:
    run = ScrubRun.objects.filter(pk=number).first()
    if run is None:
        raise CommandError(f"There is no scrub {number}.")
    said = "\n".join(told(run, []))
    if not certificates.holds(run):
        raise CommandError(
            f"{said}\nThe signature does NOT hold: the row was changed, or SECRET_KEY is another one.",
            returncode=FORGED,
        )
    return f"{said}\nThe signature holds."


class Bar:
    """A progress bar for each store."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: tqdm[Any] | None = None

    def begins(self, store: str, total: int) -> None:
        """A new bar."""
        if self._bar is not None:
            self._bar.close()
        self._bar = tqdm(total=total, desc=store, unit=" looked at", disable=self._quiet)

    def moves(self, count: int, tally: Tally) -> None:
        """With what was changed so far."""
        if self._bar is not None:
            self._bar.update(count)
            self._bar.set_postfix(changed=tally.changed, refresh=False)

    def ends(self) -> None:
        """Leave the line."""
        if self._bar is not None:
            self._bar.close()
