"""The product as it runs, watched by a real Prometheus whose rules judge in seconds."""

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import servers
from benchmarks.alerts.callers import Caller
from benchmarks.product import Product
from customerops.alerts import files, prometheus, rendering, rules, scaling
from customerops.alerts.prometheus import Watch

WORKERS = 2
LONGEST_SECONDS = 6.0  # what the longest window or `for` of a rule becomes
SCORES_EACH_SECONDS = 0.1


class Web:
    """The web server, which a fault may start again."""

    def __init__(self, product: Product, port: int) -> None:
        self.product = product
        self.port = port
        self._running = ExitStack()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """With the counts of its earlier processes, as after a deployment."""
        self._running.enter_context(servers.ours(self.product.folder, workers=WORKERS, port=self.port))

    def stop(self) -> None:
        """All of its processes."""
        self._running.close()

    def restart(self) -> None:
        """New processes on the same port."""
        self.stop()
        self.start()


@dataclass(frozen=True, slots=True)
class Stack:
    """What faults work on."""

    web: Web
    caller: Caller
    watch: Watch
    metrics: Path


@contextlib.contextmanager
def running(product: Product) -> Iterator[Stack]:
    """Web processes, somebody who asks for scores all the time, and Prometheus with the fifteen rules."""
    web = Web(product, servers.free_port())
    caller = Caller(web.url, product.key)
    folder = product.folder / "prometheus"
    folder.mkdir()
    fifteen = rules.read(files.RULES[0].read_text("utf-8"))
    compressed = [scaling.compressed(rule, longest=LONGEST_SECONDS) for rule in fifteen]
    job = rendering.thresholds(files.THRESHOLDS.read_text("utf-8"))["job"]
    web.start()
    try:
        with (
            caller.calling("/v1/predict", {"attributes": {"visits": 3}}, each=SCORES_EACH_SECONDS),
            prometheus.watching(web.url, compressed, folder, job=job) as watch,
        ):
            yield Stack(web, caller, watch, product.folder / "metrics")
    finally:
        web.stop()
