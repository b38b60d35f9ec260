"""Channels of processes that a test starts: a POST to the sink whose port stands in FOLLOWUP_TEST_SINK."""

import http.client
import os
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from followups.channels.base import Channel, NoAnswer, NotNow, Outgoing
from followups.policy import Step

_connections = threading.local()


class Sink(Channel):
    """A receiver that acts on whatever comes."""

    name = "sink"
    retries = (timedelta(seconds=1),) * 8

    def faults(self, step: Step) -> Mapping[str, str]:
        """None."""
        return {}

    def target(self, step: Step, contact: Mapping[str, str]) -> Any:
        """The port."""
        return int(os.environ["FOLLOWUP_TEST_SINK"])

    def deliver(self, message: Outgoing, target: Any) -> str:
        """Over a connection that this thread keeps."""
        connection = self._connection(target)
        try:
            connection.request("POST", "/", message.body.encode(), {"webhook-id": str(message.id)})
            answer = connection.getresponse()
            told = answer.read().decode()
        except ConnectionRefusedError as error:
            del _connections.one
            raise NotNow("nobody listens") from error
        except (OSError, http.client.HTTPException) as error:
            del _connections.one
            raise NoAnswer(type(error).__name__) from error
        return told

    def _connection(self, port: int) -> http.client.HTTPConnection:
        if not hasattr(_connections, "one"):
            _connections.one = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        return _connections.one


class OnceSink(Sink):
    """A receiver that takes an id once."""

    name = "once-sink"

    def repeats(self, target: Any) -> bool:
        """Yes."""
        return True
