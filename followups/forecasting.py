"""What a policy would send in the next 14 days: what waits already, apart from what new leads would add."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from followups import policies, waiting
from followups.calendar import local_day
from followups.models import Policy
from followups.policy import Plan
from followups.unrolling import Fate, unroll

DAYS = 14


@dataclass(frozen=True, slots=True)
class Day:
    """Messages of one day, by step: `certain` wait already, `expected` are about as many."""

    day: date
    certain: tuple[int, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days of the policy's own time zone, its switch and all others left as they are, as if it were on.

    `dropped` steps wait and would not go out: their lead replied, ended or opted out, or the caps leave no
    room in time. `sampled`: counted up from a share of the leads.
    """

    zone: str
    steps: int
    days: tuple[Day, ...]
    dropped: int
    leads_like_these: int
    sampled: bool


def calendar(*, plan: Plan, policy: Policy | None, now: datetime) -> Calendar:
    """Of a policy as `plan` says. `policy` is None for one that is not stored yet: then nothing waits."""
    until = now + timedelta(days=DAYS)
    certain, dropped, is_share = (
        _certain(policy, plan.hours.zone, now, until) if policy else (Counter(), 0, False)
    )
    seen = waiting.coming(plan, now=now)
    fates = unroll(seen.steps, now=now, until=until)
    weight = seen.every * (1 - plan.hold_out)
    expected = {key: number * weight for key, number in _sent(fates, plan.hours.zone).items()}
    steps = max([len(plan.steps), *(step for _, step in certain)])
    today = local_day(now, zone_name=plan.hours.zone)
    numbers = range(1, steps + 1)
    return Calendar(
        zone=plan.hours.zone,
        steps=steps,
        days=tuple(
            Day(
                day,
                tuple(certain[day, step] for step in numbers),
                tuple(expected.get((day, step), 0.0) for step in numbers),
            )
            for day in (today + timedelta(days=number) for number in range(DAYS + 1))
        ),
        dropped=dropped,
        leads_like_these=seen.leads * seen.every,
        sampled=is_share or seen.every > 1,
    )


def _certain(
    policy: Policy, zone: str, now: datetime, until: datetime
) -> tuple[Counter[tuple[date, int]], int, bool]:
    seen = waiting.of_policy(policy, on=policies.on(), until=until)
    fates = unroll(seen.steps, now=now, until=until, counted=waiting.counted(seen.steps, now=now))
    mine = [fate for fate in fates if fate.waiting.policy == policy.pk]
    sent = Counter({key: number * seen.every for key, number in _sent(mine, zone).items()})
    return sent, sum(fate.at is None for fate in mine) * seen.every, seen.every > 1


def _sent(fates: Iterable[Fate], zone: str) -> Counter[tuple[date, int]]:
    return Counter((local_day(fate.at, zone_name=zone), fate.waiting.step) for fate in fates if fate.at)
