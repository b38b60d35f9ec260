"""`python -m benchmarks.chaos`: 10,000 follow-ups, five minutes of kill -9; status 1 if a law is broken.

Every two seconds one of two dispatchers, two Celery children, beat and a web worker dies. Once Redis is
flushed, once Postgres is killed, once Redis is away for 30 s. People answer and opt out meanwhile. Linux.
"""

import argparse
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import orjson

from benchmarks import product
from benchmarks.chaos import peers, report
from benchmarks.chaos.laws import judged
from benchmarks.chaos.plan import Plan, short
from benchmarks.chaos.running import Run


def main() -> None:
    """Run, tell, judge."""
    asked = _asked()
    plan = _plan(asked)
    started = time.monotonic()
    with product.installed() as ours:
        try:
            with (ours.folder / "programs.log").open("w", encoding="utf-8") as log:
                evidence = Run(plan, ours, log).evidence()
            fared = list(peers.fared(ours.folder)) if asked.peers else []
        finally:
            if asked.keep:
                _keep(ours.folder, asked.keep)
    if asked.keep:
        (asked.keep / "evidence.json").write_bytes(orjson.dumps(evidence, default=list))
    verdicts = judged(evidence)
    sys.stdout.write(report.table(evidence, verdicts, seconds=time.monotonic() - started))
    sys.stdout.writelines(f"{one.line()}\n" for one in fared)
    sys.exit(0 if all(verdict.holds for verdict in verdicts) else 1)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="some seconds, as the tests run it")
    parser.add_argument("--seconds", type=float, help="how long processes are killed (300)")
    parser.add_argument("--due", type=int, help="follow-ups that wait for people who keep silent (10,000)")
    parser.add_argument("--seed", type=int, help="another order of deaths")
    parser.add_argument("--peers", action="store_true", help="also the same job with countdowns of Celery")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="copy the logs of all programs and sinks there"
    )
    return parser.parse_args()


def _plan(asked: argparse.Namespace) -> Plan:
    told = {
        name: getattr(asked, name) for name in ("seconds", "due", "seed") if getattr(asked, name) is not None
    }
    return replace(short() if asked.short else Plan(), **told)


def _keep(folder: Path, into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for path in [*folder.glob("*.log"), *folder.glob("*.jsonl")]:
        shutil.copy(path, into / path.name)


if __name__ == "__main__":
    main()
