"""`python -m benchmarks.retraining SECONDS`: what a retrain takes that tunes for so long, as JSON.

`benchmarks.training`, which has filled in the leads, starts it as a fresh process: the peak memory is ours.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np

from benchmarks import throwaway  # noqa: F401 - sets up the product
from benchmarks.timing import timed
from modeling.binning import code, fit_bins, numbers_of
from modeling.learning import LearningOptions, learn
from modeling.reading import read_dataset
from modeling.selection import select

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BARE = """
import sys, time, numpy
from sklearn.ensemble import HistGradientBoostingClassifier
leads, converted = (numpy.load(f"{sys.argv[1]}/{name}.npy") for name in ("leads", "converted"))
started = time.perf_counter()
HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=7).fit(leads, converted)
print(time.perf_counter() - started)
"""


def main() -> None:
    """Measure."""
    sys.stdout.write(json.dumps(_measured(float(sys.argv[1]))))


def _peak_megabytes() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def _measured(tuning_seconds: float) -> dict[str, Any]:
    """Seconds and memory of reading, learning, and the bare booster, in this process."""
    phases: dict[str, float] = {}
    started = time.perf_counter()
    leads, reading = timed(lambda: read_dataset(now=NOW))
    after_reading = _peak_megabytes()

    def progress(phase: str, done: float) -> None:
        phases.setdefault(phase, round(time.perf_counter() - started, 1))

    options = LearningOptions(tuning_seconds=tuning_seconds)
    lesson, learning = timed(
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
    specs = select(leads, {}).specs
    matrix = np.empty((len(leads), len(specs)), order="F")
    for k, spec in enumerate(specs):
        numbers = numbers_of(spec, leads)
        matrix[:, k] = code(fit_bins(spec, leads), leads) if numbers is None else numbers
    return matrix


def _bare(leads: Any) -> float:
    """Seconds of scikit-learn's booster with its defaults, in a process that knows nothing of ours."""
    with tempfile.TemporaryDirectory(prefix="customerops-bench-") as folder:
        np.save(f"{folder}/leads.npy", _ready(leads))
        np.save(f"{folder}/converted.npy", leads.converted)
        mine = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
        told = subprocess.run(
            [sys.executable, "-c", BARE, folder], check=True, stdout=subprocess.PIPE, env=mine
        )
    return float(told.stdout)


if __name__ == "__main__":
    main()
