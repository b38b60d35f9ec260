"""A real Prometheus of our own: it scrapes one application, judges it by rules, and is asked what fires."""

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from customerops.alerts import fresh, promtool
from customerops.alerts.rules import Rule

START_SECONDS = 20.0
SCRAPE_SECONDS = 0.5


class NotInTime(Exception):
    """What was waited for did not happen; the message says how things stood."""


class QueryRefused(Exception):
    """Prometheus cannot answer the query; the message is its own."""


@dataclass(frozen=True, slots=True)
class Found:
    """One series of an answer, and its value now."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Watch:
    """A running Prometheus."""

    url: str

    def states(self) -> dict[str, str]:
        """Each alert that is not silent: pending or firing."""
        alerts = json.loads(fresh.get(f"{self.url}/api/v1/alerts"))["data"]["alerts"]
        found = {alert["labels"]["alertname"]: "pending" for alert in alerts}
        return found | {a["labels"]["alertname"]: "firing" for a in alerts if a["state"] == "firing"}

    def firing(self) -> set[str]:
        """The names of those that fire."""
        return {name for name, state in self.states().items() if state == "firing"}

    def missed_a_scrape(self, *, seconds: float) -> bool:
        """Whether the application was too slow to be read at some time in the last seconds."""
        return self._finds(f"min_over_time(up[{round(seconds) + 1}s]) < 1")

    def reads(self) -> bool:
        """Whether it has read the application. Until then all is absent."""
        return self._finds("up == 1")

    def asked(self, expr: str) -> list[Found]:
        """What the expression finds now. Raises QueryRefused."""
        answer = json.loads(fresh.get(f"{self.url}/api/v1/query?query={quote(expr, safe='')}"))
        if answer["status"] != "success":
            raise QueryRefused(f"{expr}: {answer['error']}")
        return [Found(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]

    def _finds(self, expr: str) -> bool:
        return bool(self.asked(expr))

    def wait_for(self, name: str, *, seconds: float) -> set[str]:
        """All that fired until `name` did. Raises NotInTime."""
        return self._until(lambda states: states.get(name) == "firing", f"{name} did not fire", seconds)

    def wait_for_silence(self, *, seconds: float) -> None:
        """Until nothing fires and nothing is about to. Raises NotInTime."""
        self._until(lambda states: not states, "it did not fall silent", seconds)

    def _until(self, holds: Callable[[dict[str, str]], bool], complaint: str, seconds: float) -> set[str]:
        deadline, fired = time.monotonic() + seconds, set[str]()
        while True:
            states = self.states()
            fired |= {name for name, state in states.items() if state == "firing"}
            if holds(states):
                return fired
            if time.monotonic() > deadline:
                raise NotInTime(f"{complaint} in {seconds:.0f} s; {states or 'all is silent'}")
            time.sleep(SCRAPE_SECONDS / 2)


@contextlib.contextmanager
def watching(url: str, rules: Sequence[Rule], folder: Path, *, job: str) -> Iterator[Watch]:
    """Prometheus on the application at `url`, its data in `folder`. Raises ToolMissing, NotInTime."""
    binary, port = promtool.tool("prometheus"), fresh.free_port()
    config = folder / "prometheus.yml"
    promtool.write_rules(rules, folder / "rules.yml")
    config.write_text(json.dumps(_config(url, job)), encoding="utf-8")
    watch = Watch(f"http://127.0.0.1:{port}")
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                binary, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait_until_ready(watch, process, folder / "prometheus.log")
        yield watch
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _config(url: str, job: str) -> dict[str, object]:
    interval = f"{round(SCRAPE_SECONDS * 1000)}ms"
    return {
        "global": {
            "scrape_interval": interval,
            "scrape_timeout": interval,
            "evaluation_interval": interval,
        },
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": job, "static_configs": [{"targets": [urlsplit(url).netloc]}]}],
    }


def _wait_until_ready(watch: Watch, process: subprocess.Popen[bytes], log: Path) -> None:
    """It looks for targets every five seconds, so the first scrape may come that late."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, ValueError):  # it does not listen yet, or is not ready to answer
            if watch.reads():
                time.sleep(2 * SCRAPE_SECONDS)  # what was absent is judged once more
                return
        time.sleep(0.05)
    raise NotInTime(f"Prometheus does not read the application: {log.read_text(errors='replace')[-500:]}")
