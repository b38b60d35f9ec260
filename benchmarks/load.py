"""Load over HTTP: wrk where it is installed, else a small generator of our own, which takes some CPU."""

import asyncio
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass

CONNECTIONS = 16
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Request:
    """The POST that is repeated."""

    port: int
    path: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second and milliseconds; `failed` counts answers that were no 2xx and broken connections."""

    per_second: float
    p50: float
    p99: float
    failed: int


def tool() -> str:
    """The name of what generates the load."""
    return "wrk" if shutil.which("wrk") else "the bundled asyncio client (no wrk found)"


def measure(request: Request, *, seconds: float, connections: int = CONNECTIONS) -> Measured:
    """Send `request` over and over for so long."""
    if shutil.which("wrk"):
        return _wrk(request, seconds, connections)
    return asyncio.run(_own(request, seconds, connections))


def _wrk(request: Request, seconds: float, connections: int) -> Measured:
    headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in request.headers.items())
    script = f'wrk.method = "POST"\nwrk.body = [==[{request.body.decode()}]==]\n{headers}'
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        told = subprocess.run(
            [
                "wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--latency", "--timeout", "10s",
                "-s", file.name, f"http://127.0.0.1:{request.port}{request.path}",
            ],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    return Measured(
        per_second=float(_found(r"Requests/sec:\s+([\d.]+)", told)[0]),
        p50=_milliseconds(told, "50%"),
        p99=_milliseconds(told, "99%"),
        failed=sum(int(count) for count in re.findall(r"(?:Non-2xx[^:]*: |timeout )(\d+)", told)),
    )


def _found(pattern: str, text: str) -> tuple[str, ...]:
    match = re.search(pattern, text)
    if match is None:
        raise ValueError(f"wrk said nothing of {pattern}: {text}")
    return match.groups()


def _milliseconds(told: str, percentile: str) -> float:
    number, unit = _found(rf"{percentile}\s+([\d.]+)(us|ms|s)\b", told)
    return float(number) * UNITS[unit]


async def _own(request: Request, seconds: float, connections: int) -> Measured:
    until = time.perf_counter() + seconds
    message = _message(request)
    told = await asyncio.gather(*(_repeat(request.port, message, until) for _ in range(connections)))
    times = sorted(moment for one, _ in told for moment in one)
    return Measured(
        per_second=len(times) / seconds,
        p50=times[len(times) // 2] * 1000,
        p99=times[len(times) * 99 // 100] * 1000,
        failed=sum(failed for _, failed in told),
    )


def _message(request: Request) -> bytes:
    lines = [f"POST {request.path} HTTP/1.1", f"Host: 127.0.0.1:{request.port}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    lines += [f"Content-Length: {len(request.body)}", "", ""]
    return "\r\n".join(lines).encode() + request.body


async def _repeat(port: int, message: bytes, until: float) -> tuple[list[float], int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times, failed = [], 0
    while (started := time.perf_counter()) < until:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        times.append(time.perf_counter() - started)
        failed += not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201"))
    writer.close()
    return times, failed
