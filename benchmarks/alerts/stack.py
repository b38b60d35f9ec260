"""The product as it runs, watched by a real Prometheus whose rules judge in seconds."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import servers
from benchmarks.alerts.callers import Caller
from benchmarks.product import Product
from customerops.alerts import files, prometheus, rendering, rules, scaling
from customerops.alerts.prometheus import Watch
from modeling import fleet

WORKERS = 2
LONGEST_SECONDS = 6.0  # what the longest window or `for` of a rule becomes
SCORES_EACH_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Stack:
    """What faults work on."""

    caller: Caller
    watch: Watch
    metrics: Path


@contextlib.contextmanager
def running(product: Product) -> Iterator[Stack]:
    """Web processes, somebody who asks for scores all the time, and Prometheus with the fifteen rules."""
    folder = product.folder / "prometheus"
    folder.mkdir()
    with servers.ours(product.folder, workers=WORKERS) as port:
        url = f"http://127.0.0.1:{port}"
        caller = Caller(url, product.key)
        with (
            caller.calling("/v1/predict", {"attributes": {"visits": 3}}, each=SCORES_EACH_SECONDS),
            watched(url, folder) as watch,
        ):
            yield Stack(caller, watch, product.folder / "metrics")


def watched(
    url: str, folder: Path, *, longest: float = LONGEST_SECONDS
) -> contextlib.AbstractContextManager[Watch]:
    """Prometheus with the fifteen rules, which take seconds instead of hours."""
    fifteen = rules.read(files.RULES[0].read_text("utf-8"))
    compressed = [scaling.compressed(rule, longest=longest) for rule in fifteen]
    job = rendering.thresholds(files.THRESHOLDS.read_text("utf-8"))["job"]
    return prometheus.watching(url, compressed, folder, job=job)


def replace_processes() -> None:
    """Each web process dies and is replaced, one after the other, so that somebody always answers."""
    for pid in _web_processes():
        os.kill(pid, signal.SIGKILL)
        while pid in (alive := _web_processes()) or len(alive) < WORKERS:
            time.sleep(0.1)


def _web_processes() -> list[int]:
    return list(fleet.alive().filter(role="web").values_list("pid", flat=True))
