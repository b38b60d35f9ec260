"""Which process serves which version, by each process's own word. Postgres's clock decides who is alive."""

import os
import socket
import time
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from modeling.models import ServingProcess

HEARTBEAT_SECONDS = 2.0
DEAD_AFTER = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many live processes there are and how many of them serve the version asked about."""

    total: int
    on_version: int

    @property
    def agrees(self) -> bool:
        """Whether every live process serves it."""
        return self.total == self.on_version


def report(*, role: str, version: int | None, changed: bool) -> None:
    """Say that this process lives and what it serves; sweep those that fell silent."""
    mine = ServingProcess.objects.filter(host=socket.gethostname(), pid=os.getpid())
    fields = {"role": role, "version": version, "seen_at": Now()} | ({"since": Now()} if changed else {})
    if not mine.update(**fields):
        ServingProcess.objects.create(
            host=socket.gethostname(), pid=os.getpid(), role=role, version=version, since=Now(), seen_at=Now()
        )
    ServingProcess.objects.filter(seen_at__lt=Now() - DEAD_AFTER).delete()


def withdraw() -> None:
    """Leave no row behind: this process ends."""
    ServingProcess.objects.filter(host=socket.gethostname(), pid=os.getpid()).delete()


def alive() -> QuerySet[ServingProcess]:
    """The processes heard of lately."""
    return ServingProcess.objects.filter(seen_at__gte=Now() - DEAD_AFTER)


def count(version: int | None) -> Fleet:
    """The fleet as it reported itself."""
    versions = list(alive().values_list("version", flat=True))
    return Fleet(total=len(versions), on_version=versions.count(version))


def wait_for(version: int | None, *, seconds: float) -> Fleet:
    """The fleet once all of it serves `version`, or as it stands after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (fleet := count(version)).agrees and time.monotonic() < deadline:
        time.sleep(0.05)
    return fleet
