"""How the web server is started: one command line, for the supervisor and the tests alike."""

import sys

# A thread that waits for Postgres lets another score. Measured with 16 connections on one worker: one thread
# gives the most scores, eight a third less and a p99 five times as long; four store the most leads.
# granian has no deadline for a body: as many stalled uploads hold a process, so have a proxy in front that
# reads requests whole, as nginx does by default.
THREADS = 4
# Requests in hand in a process, those that wait for a thread included. Past it granian leaves connections in
# the kernel's backlog, so a burst waits there instead of in memory.
IN_HAND = 128


def command(host: str, port: int, workers: int) -> list[str]:
    """granian with our WSGI application. A worker that dies is replaced; a stuck one is killed after 20 s."""
    return [
        sys.executable, "-m", "granian", "customerops.wsgi:application",
        "--interface", "wsgi",
        "--host", host,
        "--port", str(port),
        "--workers", str(workers),
        "--blocking-threads", str(THREADS),
        "--backpressure", str(IN_HAND),
        "--http", "1",
        "--no-ws",
        "--respawn-failed-workers",
        "--respawn-interval", "0.5",
        "--workers-kill-timeout", "20",
        "--log-level", "warning",
    ]  # fmt: skip
