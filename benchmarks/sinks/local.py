"""Posts to the receiver whose port stands in BENCH_SINK, over a connection that each thread keeps."""

import http.client
import os
import threading
from collections.abc import Mapping
from typing import Any

from followups.channels.base import Channel, NoAnswer, Outgoing
from followups.policy import Step

_connections = threading.local()


class Local(Channel):
    """A receiver that takes an id once."""

    name = "local"

    def faults(self, step: Step) -> Mapping[str, str]:
        """None."""
        return {}

    def target(self, step: Step, contact: Mapping[str, str]) -> Any:
        """Its port."""
        return int(os.environ["BENCH_SINK"])

    def repeats(self, target: Any) -> bool:
        """Yes."""
        return True

    def deliver(self, message: Outgoing, target: Any) -> str:
        """One POST."""
        if not hasattr(_connections, "one"):
            _connections.one = http.client.HTTPConnection("127.0.0.1", target, timeout=10)
        try:
            _connections.one.request("POST", "/", message.body.encode(), {"webhook-id": str(message.id)})
            answer = _connections.one.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            del _connections.one
            raise NoAnswer(type(error).__name__) from error
        return f"HTTP {answer.status}"
