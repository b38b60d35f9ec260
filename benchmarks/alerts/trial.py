"""One fault in the running stack: what fired, what should have, and how it reads."""

import time
from dataclasses import dataclass

from benchmarks.alerts.faults import Fault
from benchmarks.alerts.stack import Stack
from customerops.alerts.prometheus import NotInTime

FIRES_SECONDS = 60.0
SILENT_SECONDS = 60.0
TRIES = 3
LINGER_SECONDS = 2.0  # for wrong ones that come later


@dataclass(frozen=True, slots=True)
class Trial:
    """How it went. `missed` says what did not happen in time."""

    fault: Fault
    fired: frozenset[str] = frozenset()
    took: float = 0.0
    missed: str = ""

    @property
    def wrong(self) -> set[str]:
        """What fired and should not have."""
        return set(self.fired) - self.fault.also - {self.fault.alert}

    @property
    def right(self) -> bool:
        """Whether its alert fired, and no other."""
        return not self.wrong and not self.missed

    def told(self) -> str:
        """A line for people."""
        how = f"with {', '.join(sorted(self.wrong))}" if self.wrong else f"after {self.took:.1f} s"
        also = self.fault.also & self.fired
        with_it = f", and with it {', '.join(sorted(also))}" if also else ""
        verdict = "right" if self.right else "WRONG"
        return f"{verdict} {self.fault.alert:<24}{self.fault.what}: {self.missed or how + with_it}"


def tried(running: Stack, fault: Fault) -> Trial:
    """Wait for silence, make the fault, wait for its alert, put it right.

    On a machine so busy that Prometheus could not read the application nothing is proven: again then.
    """
    for _ in range(TRIES):
        began = time.monotonic()
        found = _once(running, fault)
        if found.right or not running.watch.missed_a_scrape(seconds=time.monotonic() - began):
            break
    return found


def _once(running: Stack, fault: Fault) -> Trial:
    try:
        running.watch.wait_for_silence(seconds=SILENT_SECONDS)
        with fault.made(running):
            began = time.monotonic()
            fired = running.watch.wait_for(fault.alert, seconds=FIRES_SECONDS)
            took = time.monotonic() - began
            time.sleep(LINGER_SECONDS)
            return Trial(fault, frozenset(fired | running.watch.firing()), took)
    except NotInTime as missed:
        return Trial(fault, missed=str(missed))
