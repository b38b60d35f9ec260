"""What one run does, and when. Pure."""

from dataclasses import dataclass

WARM_UP = 1.0  # seconds after which the first process is killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Times are seconds. `due` leads wait in silence; others answer or opt out about when they are due."""

    seconds: float = 300.0
    due: int = 10_000
    racers: int = 600
    guests_a_second: float = 2.0  # leads that come in meanwhile, through the web
    kill_every: float = 2.0
    redis_away: float = 30.0
    moody: float = 0.01  # share of first requests that a sink refuses, and of those it does not answer
    settle: float = 60.0  # how long what is left may take in peace
    recovery: float = 10.0  # p99 of how long work lies about when its process is killed, at most
    seed: int = 7

    @property
    def flush_at(self) -> float:
        """When Redis forgets everything."""
        return self.seconds * 0.2

    @property
    def crash_at(self) -> float:
        """When Postgres is killed."""
        return self.seconds * 0.4

    @property
    def redis_gone_at(self) -> float:
        """When Redis is killed, and stays away."""
        return self.seconds * 0.6

    @property
    def redis_back_at(self) -> float:
        """When it may come back."""
        return self.redis_gone_at + self.redis_away

    @property
    def last_due(self) -> float:
        """By when everything has fallen due: the rest of the time is full of kills too."""
        return self.seconds * 0.95


def short() -> Plan:
    """The form that runs with the tests, also where other tests leave little of a processor."""
    return Plan(
        seconds=8.0, due=300, racers=60, guests_a_second=4.0, kill_every=1.0, redis_away=1.5, moody=0.0,
        settle=60.0, recovery=60.0,
    )  # fmt: skip
