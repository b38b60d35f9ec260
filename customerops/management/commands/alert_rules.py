"""`manage.py alert_rules [--check]`: deploy/prometheus_alerts*.yml from the thresholds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerops.alerts import files
from customerops.alerts.rendering import RenderingError


class Command(BaseCommand):
    """Writes the rule files, or says whether they are up to date."""

    help = "Render deploy/prometheus_alerts*.yml from deploy/prometheus_thresholds.yml."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Flags."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a file differs")

    def handle(self, *args: Any, **options: Any) -> str:
        """Exit status 1 when --check finds a difference, or thresholds and templates do not fit."""
        try:
            texts = files.rendered()
        except RenderingError as error:
            raise CommandError(str(error)) from error
        differing = [
            path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text
        ]
        names = ", ".join(path.name for path in differing)
        if options["check"] and differing:
            raise CommandError(f"{names}: not what the thresholds say; run `manage.py alert_rules`")
        for path in differing:
            path.write_text(texts[path], "utf-8")
        return f"Written: {names}." if differing else "The rule files agree with the thresholds."
