"""Texts a second of a redactor; its modules are run by the Python of BENCH_REDACTORS_VENV.

Stands alone: nothing of the product is imported here.
"""

import json
import sys
import time
from collections.abc import Callable


def tell(redact: Callable[[str], object]) -> None:
    """Print it, as found in the seconds of the first argument, of the texts that come in as JSON."""
    texts, limit = json.load(sys.stdin), float(sys.argv[1])
    redact(texts[0])
    started, done = time.process_time(), 0
    for text in texts:
        redact(text)
        done += 1
        if time.process_time() - started > limit:
            break
    sys.stdout.write(json.dumps(done / (time.process_time() - started)))
