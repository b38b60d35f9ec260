"""`manage.py alert_drill NAME`: what the page would read if that happened now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerops.alerts import debian, files, promtool
from customerops.alerts.promtool import Page


class Command(BaseCommand):
    """Raises an alert's condition with made-up series in promtool: nobody is paged, nothing is touched."""

    help = "Raise an alert in a sandbox and show the page as it would read, with its runbook."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Flags."""
        parser.add_argument("name", nargs="?", help="such as LeadModelStale")
        parser.add_argument("--list", action="store_true", help="name every alert")

    def handle(self, *args: Any, **options: Any) -> str:
        """Exit status 1 for a name nobody knows, and when promtool cannot be had."""
        alerts = [rule for rule in files.all_rules() if not rule.records]
        if options["list"] or not options["name"]:
            return "\n".join(f"{rule.name:<32}{rule.annotations['summary']}" for rule in alerts)
        rule = files.alert(options["name"])
        if rule is None:
            raise CommandError(
                f"there is no alert {options['name']}; `manage.py alert_drill --list` names all"
            )
        try:
            page = promtool.page(rule, files.tests_of(rule.name), files.RULES)
        except debian.ToolMissing as missing:
            raise CommandError(str(missing)) from missing
        if page is None:
            raise CommandError(f"no case of deploy/tests makes {rule.name} fire")
        return _told(page, rule.wait)


def _told(page: Page, wait: str) -> str:
    labels = dict(page.labels)
    name, severity = labels.pop("alertname"), labels.pop("severity")
    lines = [
        f"[{severity.upper()}] {name}: {page.annotations['summary']}",
        page.annotations["description"],
        "",
    ]
    lines += [f"{label}: {value}" for label, value in sorted(labels.items())]
    lines += [
        f"runbook: {page.annotations['runbook_url']}",
        f"waits: {wait}",
        f"raised by the test: it {page.case.removeprefix(f'{name} ')}",
    ]
    return "\n".join([*lines, "", files.runbook(name)])
