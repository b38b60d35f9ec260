"""`manage.py send_due`: send what is due, once or for as long as it runs. Needs Postgres alone."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from followups.dispatching import Dispatcher

SWITCH_SECONDS = 0.0005


class Command(BaseCommand):
    """Asked to end, it finishes what it is sending and gives back the rest."""

    help = "Send the follow-ups that are due."
    requires_system_checks = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._asked_to_end = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Without flags it ends when nothing more is due."""
        parser.add_argument("--loop", action="store_true", help="stay, and send what becomes due")
        parser.add_argument("--limit", type=int, metavar="N", help="send N at most")

    def handle(self, *args: Any, **options: Any) -> str:
        """Dispatch, tell."""
        dispatcher = Dispatcher(most=options["limit"])
        with self._until_a_signal():
            ended = dispatcher.run(ends=lambda: self._asked_to_end, stays=options["loop"])
        told = ", ".join(f"{count:,} {result}" for result, count in sorted(ended.items()))
        return f"Follow-ups: {told or 'nothing was due'}."

    @contextmanager
    def _until_a_signal(self) -> Iterator[None]:
        handlers = {name: signal.signal(name, self._end) for name in (signal.SIGTERM, signal.SIGINT)}
        # one thread of many talks to Postgres: it should not wait long for its turn
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            yield
        finally:
            sys.setswitchinterval(interval)
            for name, handler in handlers.items():
                signal.signal(name, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_end = True
