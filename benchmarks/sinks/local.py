"""Posts to the receiver whose port stands in BENCH_SINK, over a connection that each thread keeps."""

import os
import socket
import threading
from collections.abc import Mapping
from typing import Any

from followups.channels.base import Channel, NoAnswer, Outgoing
from followups.policy import Step

LONGEST = 1000  # bytes of an answer
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
        """One POST, with as little of HTTP as the receiver needs: the dispatcher is what is measured."""
        if not hasattr(_connections, "one"):
            _connections.one = socket.create_connection(("127.0.0.1", target), timeout=10)
        body = message.body.encode()
        head = f"POST / HTTP/1.1\r\nwebhook-id: {message.id}\r\ncontent-length: {len(body)}\r\n\r\n"
        try:
            _connections.one.sendall(head.encode() + body)
            answer = _connections.one.recv(LONGEST)
        except OSError as error:
            del _connections.one
            raise NoAnswer(type(error).__name__) from error
        return f"HTTP {int(answer.split()[1])}"
