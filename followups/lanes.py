"""How many threads one receiver may have: one that hangs must not take them all. Pure.

A lane grows while it is smaller than three times what is free, as Choudhury and Hahne share the memory of a
switch (dynamic thresholds, IEEE/ACM Transactions on Networking, 1998): alone it gets three quarters of the
threads, a second that hangs three quarters of the rest, so something is left for who answers.
"""

from dataclasses import dataclass

GREED = 3
SLOW_SECONDS = 0.5  # mean age of what is open: answers take twice as long
BACK_SECONDS = 2.0  # until a step that found a slow lane full is tried again
BACK_A_SECOND = 500  # at most of each lane, so that looking at them again leaves time for the others

Lane = tuple[str, str]  # a channel, and a digest of the place it sends to


@dataclass(slots=True)
class _Open:
    """Sends of one lane."""

    number: int = 0
    since: float = 0.0  # the sum of their beginnings
    last_back: float = float("-inf")


class Lanes:
    """The threads of a dispatcher. Times are seconds of one clock that only goes on."""

    def __init__(self, *, threads: int) -> None:
        self.free = threads
        self._open: dict[Lane, _Open] = {}

    @property
    def most(self) -> int:
        """How many more a lane that has none may have at once."""
        return (GREED * self.free + GREED) // (GREED + 1)

    def admits(self, lane: Lane) -> bool:
        """Whether it may have one more."""
        found = self._open.get(lane)
        return (found.number if found else 0) < GREED * self.free

    def enter(self, lane: Lane, *, now: float) -> None:
        """A send begins."""
        found = self._open.setdefault(lane, _Open())
        found.number, found.since, self.free = found.number + 1, found.since + now, self.free - 1

    def leave(self, lane: Lane, *, entered: float) -> None:
        """It ended."""
        found = self._open[lane]
        found.number, found.since, self.free = found.number - 1, found.since - entered, self.free + 1
        if not found.number:
            del self._open[lane]

    def is_slow(self, lane: Lane, *, now: float) -> bool:
        """Whether nobody should wait for it."""
        found = self._open.get(lane)
        return found is not None and now - found.since / found.number > SLOW_SECONDS

    def back_in(self, lane: Lane, *, now: float) -> float:
        """In how many seconds a step that does not wait for the lane should be tried again."""
        found = self._open[lane]
        found.last_back = max(found.last_back + 1 / BACK_A_SECOND, now + BACK_SECONDS)
        return found.last_back - now
