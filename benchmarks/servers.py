"""Starts the contenders one by one: ours on one granian worker, and the peers BENCH_PEERS_VENV holds."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import world
from benchmarks.ports import free_port, wait_until_open
from customerops import web

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "benchmarks" / "peers"
GOODBYE_SECONDS = 10
CORES = os.cpu_count() or 1


@contextlib.contextmanager
def running(command: list[str], *, port: int, log: Path, **environment: str) -> Iterator[None]:
    """The server while the block runs."""
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=ROOT, stdout=out, stderr=out
        )
    try:
        wait_until_open(port, server, log)
        yield
    finally:
        server.terminate()
        try:
            server.wait(GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextlib.contextmanager
def ours(folder: Path, *, workers: int = 1) -> Iterator[int]:
    """The product as `up` runs it, metrics of many processes included; yields its port."""
    port, metrics = free_port(), folder / "metrics"
    metrics.mkdir(exist_ok=True)
    with running(
        web.command("127.0.0.1", port, workers),
        port=port, log=folder / "ours.log", PROMETHEUS_MULTIPROC_DIR=str(metrics), LOG_LEVEL="WARNING",
    ):  # fmt: skip
        yield port


@contextlib.contextmanager
def fastapi(folder: Path, python: Path) -> Iterator[int]:
    """FastAPI on one uvicorn process."""
    port, model = free_port(), folder / "model.json"
    model.write_bytes(world.artifact_bytes())
    serve = [str(python), "-m", "uvicorn", "fastapi_json:app", "--app-dir", str(PEERS)]
    command = [*serve, "--port", str(port), "--no-access-log", "--log-level", "warning"]
    with running(command, port=port, log=folder / "fastapi.log", MODEL_JSON=str(model)):
        yield port


@contextlib.contextmanager
def mlflow(folder: Path, python: Path) -> Iterator[int]:
    """`mlflow models serve` with one worker."""
    port, model = free_port(), folder / "mlflow-model"
    if not model.exists():
        subprocess.run(
            [python, str(PEERS / "mlflow_model.py"), str(model)], check=True, capture_output=True, cwd=folder
        )
    command = [
        str(python), "-m", "mlflow", "models", "serve", "-m", str(model), "-p", str(port),
        "--env-manager", "local", "--workers", "1",
    ]  # fmt: skip
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    with running(command, port=port, log=folder / "mlflow.log", PATH=path):
        yield port


def interpreter(environment: str | None) -> Path | None:
    """The Python in the folder of a virtual environment; None where there is none."""
    python = Path(environment).absolute() / "bin" / "python" if environment else None
    return python if python and python.exists() else None


def has(python: Path, module: str) -> bool:
    """Whether an environment has a package."""
    probe = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", probe], check=False).returncode == 0


Starter = Callable[[Path, Path], contextlib.AbstractContextManager[int]]
KNOWN_PEERS: dict[str, tuple[str, Starter, str]] = {
    "FastAPI + model.json": ("fastapi", fastapi, "/predict"),
    "mlflow models serve": ("mlflow", mlflow, "/invocations"),
}


def python_version() -> str:
    """Of the interpreter that runs ours."""
    return ".".join(map(str, sys.version_info[:3]))
