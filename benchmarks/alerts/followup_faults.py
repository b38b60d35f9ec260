"""Each fault of follow-ups: the dispatcher gone, its mail server gone, and one that is too slow."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

from aiosmtpd.controller import Controller
from django.conf import settings
from django.utils.timezone import now
from uuid6 import uuid7

from benchmarks.alerts.callers import repeating
from benchmarks.alerts.faults import ACTOR, Fault
from benchmarks.alerts.stack import Stack
from benchmarks.servers import ROOT
from followups import enrolling, policies
from followups.models import FollowUp, Policy, Status

GOODBYE_SECONDS = 30
SLOW_SECONDS = 2.0
BATCH = 800
STEP = {"after": "1m", "channel": "email", "subject": "Your kitchen", "body": "Still there?"}


class SlowServer:
    """Takes every message, after a while."""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802 - its name
        """Tell them to wait."""
        await asyncio.sleep(SLOW_SECONDS)
        return "250 taken"


@contextlib.contextmanager
def due(stack: Stack, *, leads: int) -> Iterator[None]:
    """So many leads have a follow-up whose time has come."""
    with _policy():
        for first in range(0, leads, BATCH):
            stack.caller.post(
                "/v1/leads", [_lead(number) for number in range(first, min(first + BATCH, leads))]
            )
        _become_due()
        yield


@contextlib.contextmanager
def no_dispatcher(stack: Stack) -> Iterator[None]:
    """Three follow-ups are due, and nobody is there to send them."""
    with due(stack, leads=3):
        yield


@contextlib.contextmanager
def no_server(stack: Stack) -> Iterator[None]:
    """Where the mail server should be nobody listens; what has failed is due again in two seconds."""
    with due(stack, leads=40), _dispatcher(stack), repeating(_become_due, each=2.0):
        yield


@contextlib.contextmanager
def slow_server(stack: Stack) -> Iterator[None]:
    """The mail server takes two seconds for each of 2,400 messages that are due."""
    server = Controller(SlowServer(), hostname=settings.EMAIL_HOST, port=settings.EMAIL_PORT)
    server.start()
    try:
        with _dispatcher(stack), due(stack, leads=3 * BATCH):
            yield
    finally:
        server.stop()


@contextlib.contextmanager
def _policy() -> Iterator[Policy]:
    """One that is on, and at the end off: what it has left counts no more."""
    document = {"steps": [STEP], "hours": {"quiet": []}}
    made = policies.create(name=str(uuid7()), document=document, author=ACTOR, now=now()).policy
    policies.throw_switch(policy=made, on=True, actor=ACTOR, now=now())
    time.sleep(enrolling.LIVE_SECONDS + 0.5)  # until every process knows
    try:
        yield made
    finally:
        policies.throw_switch(policy=made, on=False, actor=ACTOR, now=now())


def _lead(number: int) -> dict[str, object]:
    return {"contact": {"name": "Ada", "email": f"ada.{number}.{uuid7().hex}@example.org"}}


def _become_due() -> None:
    FollowUp.objects.filter(status=Status.PENDING).update(due_at=now() - timedelta(minutes=1))


@contextlib.contextmanager
def _dispatcher(stack: Stack) -> Iterator[None]:
    """As `up` starts it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "django", "send_due", "--loop", "--settings", "customerops.settings"],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(stack.metrics)}, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(GOODBYE_SECONDS)


FAULTS = (
    Fault("FollowUpJobFailureRate", "nobody listens where the mail server should be", no_server),
    Fault("FollowUpQueueBackedUp", "the mail server takes 2 s for each of 2,400 messages", slow_server),
    Fault("FollowUpJobsStalled", "three are due and there is no dispatcher", no_dispatcher),
)
