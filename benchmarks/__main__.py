"""`python -m benchmarks`: scores, leads, follow-ups and training of this checkout beside peers, in one run.

Figures depend on the machine and on what else it does; the ratios hold better. Peers are started from the
environment BENCH_PEERS_VENV names (fastapi, uvicorn, orjson, mlflow, scikit-learn, pandas).
"""

import argparse
import os
import subprocess
import sys
import timeit
from pathlib import Path
from typing import Any

import orjson

from benchmarks import load, promises, servers, world
from benchmarks.load import Measured, Request
from benchmarks.product import Product, installed
from benchmarks.throwaway import HANDED_DOWN
from leads.enrichment import enrich
from modeling import artifact
from privacy import lexicon
from privacy.redaction import redact

BATCH = 1000
JSON = {"Content-Type": "application/json"}


def main() -> None:
    """Measure, print a table, write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of load for each measurement")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--followups", type=float, default=1.0, help="of 11,000,000 steps in the queue; 0 leaves it out"
    )
    parser.add_argument("--leads", type=int, default=1_000_000, help="to train on; 0 leaves training out")
    asked = parser.parse_args()
    with installed() as product:
        found = measured(product, asked.seconds)
    sys.stdout.write(table(found) + "\n\n")
    sys.stdout.flush()
    if asked.followups:
        found["followups"] = _told("benchmarks.followups", "--scale", str(asked.followups))
    if asked.leads:
        found["training"] = _told("benchmarks.training", "--leads", str(asked.leads))
    sys.stdout.write(promises.table(found) + "\n")
    if asked.json:
        asked.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))


def measured(product: Product, seconds: float) -> dict[str, Any]:
    """Every figure, by name."""
    scores, missing = _scores(product, seconds)
    return {
        "python": servers.python_version(),
        "load": load.tool(),
        "connections": load.CONNECTIONS,
        "in process, µs": _in_process(),
        "one score over HTTP": scores,
        "peers not found": missing,
        "POST /v1/leads": _leads(product, seconds),
        "POST /v1/leads with a message": _leads(product, seconds, message=world.MESSAGE),
        "POST /v1/leads, batches of 1,000": _batches(product, seconds),
    }


def _in_process() -> dict[str, float]:
    lexicon.load()
    card = artifact.load(world.artifact_bytes())

    def microseconds(work: Any) -> float:
        return min(timeit.repeat(work, number=2000, repeat=5)) / 2000 * 1e6

    return {
        "probability": round(microseconds(lambda: card.probability(world.LEAD, world.CREATED_AT)), 2),
        "score with reasons": round(microseconds(lambda: card.score(world.LEAD, world.CREATED_AT)), 2),
        "redact a message": round(microseconds(lambda: redact(world.MESSAGE)), 2),
        "read a message": round(microseconds(lambda: enrich(world.MESSAGE)), 2),
    }


def _scores(product: Product, seconds: float) -> tuple[dict[str, Measured], list[str]]:
    body = orjson.dumps({"attributes": world.LEAD})
    found, missing = {}, []
    with servers.ours(product.folder) as port:
        asked = Request(port, "/v1/predict", body, {**JSON, "x-api-key": product.key})
        found["ours: key, validation, metrics, reasons"] = _warm(asked, seconds)
    python = servers.interpreter(os.environ.get("BENCH_PEERS_VENV"))
    for name, (module, start, path) in servers.KNOWN_PEERS.items():
        if python is None or not servers.has(python, module):
            missing.append(name)
            continue
        told = orjson.dumps({"dataframe_records": [world.LEAD]}) if module == "mlflow" else body
        with start(product.folder, python) as port:
            found[name] = _warm(Request(port, path, told, JSON), seconds)
    return found, missing


def _leads(product: Product, seconds: float, **more: str) -> Measured:
    with servers.ours(product.folder, workers=servers.CORES) as port:
        body = orjson.dumps({"attributes": world.LEAD, "contact": {"email": "ada@example.org"}, **more})
        return _warm(Request(port, "/v1/leads", body, {**JSON, "x-api-key": product.key}), seconds)


def _batches(product: Product, seconds: float) -> dict[str, float]:
    with servers.ours(product.folder) as port:
        body = orjson.dumps([{"attributes": world.LEAD, "source": "batch"}] * BATCH)
        asked = Request(port, "/v1/leads", body, {**JSON, "x-api-key": product.key})
        load.measure(asked, seconds=1, connections=1)
        got = load.measure(asked, seconds=seconds, connections=1)
    return {"leads a second": got.per_second * BATCH, "p99 ms a batch": got.p99, "failed": got.failed}


def _told(module: str, *arguments: str) -> list[str]:
    """What another benchmark says, shown as it is; it works in a folder of its own."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {name: value for name, value in os.environ.items() if name != HANDED_DOWN}
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    sys.stdout.write(told + "\n")
    return told.splitlines()


def _warm(request: Request, seconds: float) -> Measured:
    load.measure(request, seconds=1)
    return load.measure(request, seconds=seconds)


def table(found: dict[str, Any]) -> str:
    """The figures for a person."""
    scores: dict[str, Measured] = found["one score over HTTP"]
    best = next(iter(scores.values()))
    lines = [f"Python {found['python']}, load by {found['load']}, {found['connections']} connections", ""]
    lines += [f"{name:<44}{took:>10.1f} µs" for name, took in found["in process, µs"].items()]
    lines += ["", f"{'one score over HTTP, one process':<44}{'req/s':>10}{'p50 ms':>9}{'p99 ms':>9}  ours is"]
    for name, got in scores.items():
        lines.append(_row(name, got) + f"{best.per_second / got.per_second:>8.1f} x")
    lines += [f"{name:<44}  not found; set BENCH_PEERS_VENV" for name in found["peers not found"]]
    lines += ["", _row(f"a lead stored with its score, {servers.CORES} processes", found["POST /v1/leads"])]
    lines.append(
        _row(f"the same with a message, {servers.CORES} processes", found["POST /v1/leads with a message"])
    )
    batch = found["POST /v1/leads, batches of 1,000"]
    lines.append(
        f"{'leads in batches of 1,000, scored':<44}{batch['leads a second']:>10,.0f} leads/s,"
        f" p99 {batch['p99 ms a batch']:.0f} ms a batch"
    )
    return "\n".join(lines)


def _row(name: str, got: Measured) -> str:
    failed = f"  {got.failed} FAILED" if got.failed else ""
    return f"{name:<44}{got.per_second:>10,.0f}{got.p50:>9.2f}{got.p99:>9.2f}{failed}"


if __name__ == "__main__":
    main()
