"""`python -m benchmarks.training`: 1,000,000 leads retrained, beside the bare booster.

Starts its own throw-away Postgres, fills it, and has a fresh process measure.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks import matured, throwaway
from benchmarks.timing import timed

SEED = 7


def main() -> None:
    """Fill, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--tuning-seconds", type=float, default=60.0)
    asked = parser.parse_args()
    sys.stdout.write("\n".join(_told(asked.leads, asked.tuning_seconds)) + "\n")


def _told(count: int, tuning_seconds: float) -> list[str]:
    with throwaway.servers(durable=False):
        _, filling = timed(lambda: matured.load(count=count, seed=SEED))
        child = [sys.executable, "-m", "benchmarks.retraining", str(tuning_seconds)]
        found = json.loads(subprocess.run(child, check=True, stdout=subprocess.PIPE).stdout)
    return _lines(count, filling, found)


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
