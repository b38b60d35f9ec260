"""Commands that pages quote in a sentence or a table: which of them are to be typed, and as what."""

from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandParser

from customerops.tests.documents import Page, page, words

# Not typed beside others, why, and which test does it, or what it is made of, instead.
ELSEWHERE = {
    "manage.py up": ("stays until it is ended", "customerops/tests/test_up.py"),
    "manage.py run": ("stays until it is ended", "customerops/tests/test_lone.py"),
    "manage.py send_due --loop": ("stays until it is ended", "followups/tests/test_processes.py"),
    "manage.py services stop": ("ends the servers of this test", "customerops/tests/test_services.py"),
    "manage.py train_enrichment": ("writes what is shipped", "leads/tests/test_enrichment_models.py"),
    "manage.py enrichment_report": ("takes minutes", "leads/tests/test_enrichment_models.py"),
    "manage.py redaction_report --write": ("writes into docs", "privacy/tests/test_recall.py"),
}


def told(source: Page) -> list[str]:
    """What a page tells to type between backticks, each once, ready to be typed."""
    quoted = [command for command in source.quoted() if command.startswith("manage.py ")]
    return [
        filled(command) for command in dict.fromkeys(quoted) if not elsewhere(command) and _is_whole(command)
    ]


def elsewhere(command: str) -> str:
    """Which test types it; empty when any may."""
    return next((test for begins, (_, test) in ELSEWHERE.items() if command.startswith(begins)), "")


def filled(command: str) -> str:
    """With the flags that a page leaves out because they stand above."""
    [above] = [quoted for quoted in page("README.md").quoted() if quoted.startswith("manage.py import_leads")]
    return command.replace("…the same flags…", f"{above.partition('leads.csv ')[2]} --tuning-seconds 0")


def parser_of(name: str) -> CommandParser:
    """Of a command of manage.py."""
    return load_command_class(get_commands()[name], name).create_parser("manage.py", name)


def _is_whole(command: str) -> bool:
    """Whether it says what the command cannot do without: its bare name may just be its name."""
    _, name, *rest = words(command)
    return bool(rest) or not any(action.required for action in parser_of(name)._actions)
