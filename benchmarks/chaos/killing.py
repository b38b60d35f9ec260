"""Picks a process and ends it with SIGKILL, as the kernel does when memory runs out. Linux."""

import contextlib
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from customerops.supervisor import Child

BY_THEMSELVES = ("dispatcher", "beat")
POSTGRES = "postgres"
FORKING = ("web", "worker")  # they replace their own workers, which are what dies


@dataclass(frozen=True, slots=True)
class Kill:
    """Who died, and when (seconds of the epoch)."""

    at: float
    name: str
    pid: int


def strike(children: list[Child], chance: random.Random) -> Kill | None:
    """Kill one of the dispatchers, beat, Celery's children and a web worker; None when none is there.

    Each has the same chance; one whose process is just being started again is spared.
    """
    there = victims(children, chance)
    if not there:
        return None
    name, pid = chance.choice(there)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return Kill(time.time(), name, pid)


def victims(children: list[Child], chance: random.Random) -> list[tuple[str, int]]:
    """Everything that may be killed now; of the web's workers one."""
    found = []
    for child in (child for child in children if child.runs):
        name, pid = child.program.name, child.process.pid
        if name.startswith(BY_THEMSELVES):
            found.append((name, pid))
        elif name in FORKING and (own := workers(pid)):
            found += [(name, each) for each in ([chance.choice(own)] if name == "web" else own)]
    return found


def workers(main: int) -> list[int]:
    """The processes that were forked from a main process and have not become something else."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    return [pid for pid in pids if _parent(pid) == main and _command(pid) == _command(main)]


def _parent(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return None


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
