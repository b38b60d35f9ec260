"""Prints instead of sending: for the demo, and to watch a new policy."""

from collections.abc import Mapping
from typing import Any

import structlog

from followups.channels.base import Channel, Outgoing
from followups.policy import Step

log = structlog.get_logger(__name__)


class Console(Channel):
    """A line in the log, without the text: logs hold nothing personal."""

    name = "console"

    def faults(self, step: Step) -> Mapping[str, str]:
        """None."""
        return {}

    def target(self, step: Step, contact: Mapping[str, str]) -> Any:
        """Nobody in particular."""
        return None

    def deliver(self, message: Outgoing, target: Any) -> str:
        """The one who reads the log knows where to look."""
        log.info(
            "followup_printed",
            followup=str(message.id),
            lead=str(message.lead_id),
            policy=message.policy,
            step=message.step,
            characters=len(message.body),
        )
        return "printed"
