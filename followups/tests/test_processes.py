"""Real dispatchers that are killed while they send: nothing is lost, nothing is done twice."""

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db.models.functions import Now
from django.utils.timezone import now

from followups.models import FollowUp, Status
from followups.tests.cast import lead, policy
from leads.models import Message
from modeling.tests.processes import Process, running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent"), pytest.mark.slow]

LEADS = 60
DISPATCH = """
import django; django.setup()
import followups.channels
from django.core.management import call_command
from followups.tests import sinks
followups.channels.__path__.extend(sinks.__path__)
followups.channels.channels.cache_clear()  # the metrics have asked for all already
call_command("send_due", "--loop")
"""


class Server(ThreadingHTTPServer):
    """For many at once."""

    request_queue_size = 256
    daemon_threads = True


class Receiver:
    """Acts on what comes, after a while; `once` takes an id only once."""

    def __init__(self, *, once: bool, seconds: float) -> None:
        self.requests: Counter[str] = Counter()
        self.effects: Counter[str] = Counter()
        self.asked = threading.Event()
        lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                id = self.headers["webhook-id"]
                with lock:
                    receiver.requests[id] += 1
                    receiver.effects[id] += not (once and receiver.effects[id])
                receiver.asked.set()
                time.sleep(seconds)
                with contextlib.suppress(OSError):  # whoever asked may be dead by now
                    self.send_response(200)
                    self.send_header("content-length", "2")
                    self.end_headers()
                    self.wfile.write(b"ok")

            def log_message(self, *args: object) -> None:
                """Nothing."""

        self.server = Server(("127.0.0.1", 0), Handler)

    @contextlib.contextmanager
    def listening(self) -> Iterator[str]:
        thread = threading.Thread(target=self.server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield str(self.server.server_address[1])
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


def due(channel: str) -> None:
    policy("1m", channel=channel, hours={"quiet": []}, caps={"lead_per_day": None})
    for _ in range(LEADS):
        lead(now())
    FollowUp.objects.update(due_at=now() - timedelta(minutes=1), planned_at=now() - timedelta(minutes=1))


def count(*statuses: str) -> int:
    return FollowUp.objects.filter(status__in=statuses).count()


def wait_until(holds, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, Counter(FollowUp.objects.values_list("status", "reason"))
        time.sleep(0.02)


def kill(process: Process) -> None:
    """And let nobody wait for its leases to end by themselves."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    left = FollowUp.objects.filter(claimed_by__endswith=f":{process.pid}", lease_until__isnull=False)
    left.update(lease_until=Now() - timedelta(seconds=1))


def open_rows() -> int:
    """Steps that have not ended."""
    return count(Status.PENDING, Status.CLAIMED, Status.SENDING)


def storm(receiver: Receiver, *, kills: int) -> None:
    """Two dispatchers, of which one is killed in the middle of its sends, again and again."""
    with receiver.listening() as port, contextlib.ExitStack() as stack:

        def start() -> Process:
            return stack.enter_context(running(DISPATCH, FOLLOWUP_TEST_SINK=port, LOG_LEVEL="ERROR"))

        alive = [start(), start()]
        for _ in range(kills):
            receiver.asked.clear()
            wait_until(lambda: receiver.asked.is_set() or not open_rows())
            kill(alive.pop(0))
            alive.append(start())
        wait_until(lambda: not open_rows())


def test_a_receiver_that_takes_an_id_once_gets_everything_and_acts_once():
    due("once-sink")
    receiver = Receiver(once=True, seconds=0.05)
    storm(receiver, kills=3)
    assert count("sent") == len(receiver.effects) == LEADS
    assert set(receiver.effects.values()) == {1}
    assert Message.objects.count() == LEADS


def test_a_receiver_that_acts_on_everything_gets_nothing_twice_and_people_hear_of_the_rest():
    due("sink")
    receiver = Receiver(once=False, seconds=0.05)
    storm(receiver, kills=3)
    assert set(receiver.requests.values()) == {1}
    assert count("sent", "in_doubt") == LEADS
    sent = {str(pk) for pk in FollowUp.objects.filter(status="sent").values_list("pk", flat=True)}
    assert sent <= set(receiver.effects)
    assert Message.objects.count() == len(sent)


def test_one_that_is_asked_to_end_leaves_nothing_open():
    due("sink")
    receiver = Receiver(once=False, seconds=0.3)
    with receiver.listening() as port, running(DISPATCH, FOLLOWUP_TEST_SINK=port) as process:
        wait_until(lambda: receiver.requests)
        process.terminate()
        assert process.wait(30) == 0
    assert count("sent") == len(receiver.effects)
    assert count("sent") + count("pending") == LEADS
