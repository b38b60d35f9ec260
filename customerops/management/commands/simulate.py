"""`manage.py simulate`: fill the database with a made-up business, or let its leads arrive one by one."""

import argparse
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now
from tqdm import tqdm

from customerops import demo, demo_live
from leads.simulation import LEADS_A_DAY

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Command(BaseCommand):
    """A second run adds nothing; `--live` goes on until it is stopped."""

    help = "Load the demo world through the real doors, or post its leads to a running server with --live."

    def add_arguments(self, parser: CommandParser) -> None:
        """Past days, or live."""
        parser.add_argument(
            "--days", type=int, default=90, help="how many whole days before today (default 90)"
        )
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--live", action="store_true", help="post leads over HTTP until stopped")
        parser.add_argument("--rate", type=_rate, default=1.0, metavar="N/s", help="with --live: 1/s, 30/m")
        parser.add_argument(
            "--day-seconds", type=float, default=10.0, help="with --live: how long a day takes"
        )
        parser.add_argument("--url", default=os.environ.get("CUSTOMEROPS_URL", "http://127.0.0.1:8000"))
        parser.add_argument("--api-key", help="with the scope write; else CUSTOMEROPS_API_KEY")

    def handle(self, *args: Any, **options: Any) -> str:
        """One or the other."""
        if not 1 <= options["days"] <= 3650:
            raise CommandError("--days is between 1 and 3650")
        return self._live(options) if options["live"] else self._load(options)

    def _load(self, options: dict[str, Any]) -> str:
        demo.word_reasons()
        seed, days, moment = options["seed"], options["days"], now()
        with tqdm(total=days * LEADS_A_DAY, unit=" leads", disable=options["verbosity"] == 0) as bar:
            added = demo.load(seed=seed, days=days, now=moment, on_leads=bar.update)
        demo.write_policy(now=moment)  # once the past is in: it is not written to
        told = f"{added.leads:,} leads and {added.outcomes:,} outcomes added, {added.ghosted:,} ghosted."
        appraisal = demo.appraise(seed=seed, days=days, now=moment)
        if appraisal is None:
            return f"{told}\nNo model serves yet."
        return (
            f"{told}\nOn the {appraisal.leads:,} newest leads: AUC of the model {appraisal.model:.3f},"
            f" AUC of the truth {appraisal.truth:.3f}."
        )

    def _live(self, options: dict[str, Any]) -> str:
        key = options["api_key"] or os.environ.get("CUSTOMEROPS_API_KEY", "")
        if not key:
            raise CommandError("--live needs a key with the scope write: CUSTOMEROPS_API_KEY or --api-key")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        api = demo_live.Api(url=options["url"], key=key, say=self._say)
        try:
            demo_live.run(
                api=api, seed=options["seed"], rate=options["rate"], day_seconds=options["day_seconds"]
            )
        except demo_live.RefusedError as refused:
            raise CommandError(str(refused)) from refused
        except KeyboardInterrupt:
            return "Stopped."
        return ""

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _rate(text: str) -> float:
    number, _, unit = text.partition("/")
    try:
        rate = float(number) / UNITS[unit or "s"]
    except (ValueError, KeyError):
        rate = 0.0
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate such as 1/s, 30/m or 100/h")
    return rate
