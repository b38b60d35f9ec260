"""`manage.py check_alerts [--url URL]`: is everything exported that rules and dashboards name?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerops.alerts import exported, expressions, files, fresh


class Command(BaseCommand):
    """Compares every expression with what a freshly started application exports before any traffic."""

    help = (
        "Check that every metric and label value the alerts and dashboards name is exported, with its type."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Flags."""
        parser.add_argument("--url", help="look at a running application, such as http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> str:
        """Exit status 1 with a sentence for each thing that is missing."""
        try:
            there = exported.series(_scraped(options["url"]))
        except (OSError, fresh.NoStart) as error:
            raise CommandError(f"there is nothing to compare with: {error}") from error
        there |= {rule.name: exported.Series("gauge") for rule in files.all_rules() if rule.records}
        asked = expressions.of_rules() + expressions.of_dashboards()
        found = [
            f"{one.asked_by}: {fault}"
            for one in asked
            for fault in exported.faults(one.expr, there, totals=one.shows_totals)
        ]
        if found:
            raise CommandError("\n".join(dict.fromkeys(found)))
        return f"{len(asked)} expressions of rules and dashboards: all they name is exported, with its type."


def _scraped(url: str | None) -> str:
    if url:
        return fresh.exposition(url.rstrip("/"))
    with fresh.application() as started:
        return fresh.exposition(started)
