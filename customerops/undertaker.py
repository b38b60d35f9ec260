"""Ends what a killed supervisor leaves: `python -S -E undertaker.py SECONDS`, told of groups on stdin.

The kernel's signal at a parent's death is polite, and a Celery worker that waits for its broker does not hear
it. `+N` names a group, `-N` takes it back. At the end of input those still there get SECONDS, then SIGKILL.
"""

import contextlib
import os
import signal
import sys
import time


def main() -> None:
    """Wait for the end of the supervisor, which holds the other end of the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        number = int(line)
        if number > 0:
            groups.add(number)
        else:
            groups.discard(-number)
    deadline = time.monotonic() + float(sys.argv[1])
    while (groups := {group for group in groups if _lives(group)}) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main()
