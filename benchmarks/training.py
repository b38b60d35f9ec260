"""`python -m benchmarks.training`: 1,000,000 leads retrained, beside the bare booster.

Starts its own throw-away Postgres, fills it, and measures in a fresh process: the peak memory is ours.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from resource import RUSAGE_SELF, getrusage
from typing import Any

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEED = 7
BARE = """
import sys, time, numpy
from sklearn.ensemble import HistGradientBoostingClassifier
leads, converted = (numpy.load(f"{sys.argv[1]}/{name}.npy") for name in ("leads", "converted"))
started = time.perf_counter()
HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=7).fit(leads, converted)
print(time.perf_counter() - started)
"""


def main() -> None:
    """Fill, measure, tell; or, as the child, measure alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--tuning-seconds", type=float, default=60.0)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        sys.stdout.write(json.dumps(_measured(asked.tuning_seconds)))
    else:
        sys.stdout.write("\n".join(_told(asked.leads, asked.tuning_seconds)) + "\n")


def _told(count: int, tuning_seconds: float) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="customerops-bench-") as folder:
        os.environ["VAR_DIR"] = folder
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        stop = _start()
        try:
            filling = _fill(count)
            child = [sys.executable, "-m", "benchmarks.training", "--measure"]
            asked = [*child, "--tuning-seconds", str(tuning_seconds)]
            found = json.loads(subprocess.run(asked, check=True, stdout=subprocess.PIPE).stdout)
        finally:
            stop()
    return _lines(count, filling, found)


def _start() -> Callable[[], None]:
    from customerops import embedded
    from customerops.embedded import postgres, valkey

    embedded.ensure_secrets()
    embedded.ensure_servers(durable=False, dies_with_us=True)
    _django()

    def stop() -> None:
        postgres.stop()
        valkey.stop()

    return stop


def _django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")
    django.setup()


def _fill(count: int) -> float:
    from django.core.management import call_command

    from benchmarks.matured import load

    call_command("migrate", verbosity=0)
    return _timed(lambda: load(count=count, seed=SEED))[1]


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _peak_megabytes() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def _measured(tuning_seconds: float) -> dict[str, Any]:
    """Seconds and memory of reading, learning, and the bare booster, in this process."""
    _django()
    from modeling.learning import LearningOptions, learn
    from modeling.reading import read_dataset

    phases: dict[str, float] = {}
    started = time.perf_counter()
    leads, reading = _timed(lambda: read_dataset(now=NOW))
    after_reading = _peak_megabytes()

    def progress(phase: str, done: float) -> None:
        phases.setdefault(phase, round(time.perf_counter() - started, 1))

    options = LearningOptions(tuning_seconds=tuning_seconds)
    lesson, learning = _timed(
        lambda: learn(leads=leads, champion=None, now=NOW, rules={}, options=options, on_progress=progress)
    )
    peak = _peak_megabytes()
    return {
        "leads": len(leads), "reading": reading, "learning": learning, "phases": phases,
        "reading_megabytes": after_reading, "peak_megabytes": peak, "auc": lesson.auc,
        "verdict": lesson.verdict, "recipe": lesson.report["recipe"], "bare": _bare(leads),
    }  # fmt: skip


def _ready(leads: Any) -> Any:
    """What a user of scikit-learn would have in hand: float64[n, features], words as codes."""
    import numpy as np

    from modeling.binning import code, fit_bins, numbers_of
    from modeling.selection import select

    specs = select(leads, {}).specs
    matrix = np.empty((len(leads), len(specs)), order="F")
    for k, spec in enumerate(specs):
        numbers = numbers_of(spec, leads)
        matrix[:, k] = code(fit_bins(spec, leads), leads) if numbers is None else numbers
    return matrix


def _bare(leads: Any) -> float:
    """Seconds of scikit-learn's booster with its defaults, in a process that knows nothing of ours."""
    import numpy as np

    with tempfile.TemporaryDirectory(prefix="customerops-bench-") as folder:
        np.save(f"{folder}/leads.npy", _ready(leads))
        np.save(f"{folder}/converted.npy", leads.converted)
        mine = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
        told = subprocess.run(
            [sys.executable, "-c", BARE, folder], check=True, stdout=subprocess.PIPE, env=mine
        )
    return float(told.stdout)


def _lines(count: int, filling: float, found: dict[str, Any]) -> list[str]:
    whole = found["reading"] + found["learning"]
    return [
        f"filled {count:,} leads with outcomes and predictions in {filling:.0f} s",
        f"read      {found['reading']:7.1f} s   {found['leads'] / found['reading']:,.0f} leads/s,"
        f" peak {found['reading_megabytes']:,.0f} MB",
        f"learn     {found['learning']:7.1f} s   phases began at {found['phases']} s; {found['recipe']}",
        f"retrain   {whole:7.1f} s   AUC {found['auc']}, {found['verdict']};"
        f" peak {found['peak_megabytes']:,.0f} MB",
        f"bare HGB  {found['bare']:7.1f} s   100 trees on ready arrays: a retrain is"
        f" {whole / found['bare']:.2f} times that",
    ]


if __name__ == "__main__":
    main()
