"""`python -m benchmarks.alerts`: a real Prometheus on the running product, one fault after the other.

Windows and `for` are shrunk to seconds; thresholds are those of production. Each fault has to raise its
alert, and nothing else may fire but what is told beside it.
"""

import argparse
import sys

from benchmarks import product
from benchmarks.alerts import faults, followup_faults, stack, trial


def main() -> int:
    """Exit status 1 unless every fault raises its alert and no other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="ALERT", help="some of them")
    asked = parser.parse_args()
    every = [*faults.FAULTS, *followup_faults.FAULTS]
    chosen = [fault for fault in every if not asked.only or fault.alert in asked.only]
    right = 0
    with product.installed() as ours:
        faults.settle()
        with stack.running(ours) as running:
            for fault in chosen:
                found = trial.tried(running, fault)
                right += found.right
                sys.stdout.write(found.told() + "\n")
                sys.stdout.flush()
    sys.stdout.write(f"\n{right} of {len(chosen)} faults raised their alert and no other\n")
    return int(right < len(chosen))


if __name__ == "__main__":
    sys.exit(main())
