"""Channels that do in this process what a test says."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from followups.channels.base import Channel, Outgoing
from followups.policy import Step


class Scripted(Channel):
    """Calls `does` with each message; a receiver that may act twice on one id."""

    name = "scripted"
    retries = tuple(timedelta(minutes=minutes) for minutes in (1, 5))
    does: ClassVar[Callable[[Outgoing], str]]
    disabled: ClassVar[list[str]] = []

    def faults(self, step: Step) -> Mapping[str, str]:
        """None."""
        return {}

    def target(self, step: Step, contact: Mapping[str, str]) -> Any:
        """The person's mail address."""
        return contact.get("email", "")

    def deliver(self, message: Outgoing, target: Any) -> str:
        """As the test says."""
        return Scripted.does(message)

    def disable(self, target: Any, why: str) -> None:
        """Noted."""
        Scripted.disabled.append(why)


class Repeatable(Scripted):
    """The same, by a receiver that takes an id once."""

    name = "repeatable"

    def repeats(self, target: Any) -> bool:
        """Yes."""
        return True
