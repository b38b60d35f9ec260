"""A made-up home-improvement business: leads with a known true chance of booking. Pure and seeded.

A lead depends on its seed, day, number and era alone, all of which its external id spells, so `truth` needs
no storage. In the second era the partner has turned to cheap lists and prices have gone up: small budgets
no longer book.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from leads import simulation_texts
from leads.simulation_texts import Writing

HORIZON = timedelta(days=14)
BEFORE, AFTER = "a", "b"
LEADS_A_DAY = 50
WEEKDAY = (1.15, 1.1, 1.05, 1.0, 0.95, 0.75, 0.9)  # Monday first: people ask after a weekend at home

SOURCES = {"search": 34, "social": 20, "partner": 18, "referral": 10, "newsletter": 8, "marketplace": 10}
CAMPAIGNS = {"brand": 30, "spring": 20, "retargeting": 15, "energy grant": 20, "none": 15}
DEVICES = {"mobile": 58, "desktop": 34, "tablet": 8}
REGIONS = {"north": 25, "south": 20, "east": 15, "west": 25, "centre": 15}
SERVICES = {"bathroom": 28, "kitchen": 22, "heat pump": 18, "painting": 20, "garden": 12}
PRICES = {"bathroom": 9000, "kitchen": 12000, "heat pump": 17000, "painting": 2200, "garden": 4000}

_SOURCE_EFFECT = {
    "search": 0.1,
    "social": -0.7,
    "partner": 0.5,
    "referral": 1.3,
    "newsletter": 0.4,
    "marketplace": -1.0,
}
_SERVICE_EFFECT = {"bathroom": 0.2, "kitchen": 0.0, "heat pump": -0.4, "painting": 0.6, "garden": 0.1}
_REGION_EFFECT = {"north": 0.1, "south": -0.2, "east": -0.4, "west": 0.2, "centre": 0.3}
_ID = re.compile(r"demo-(\d+)-(\d{8})-(\d+)-([ab])")

Value = str | float | int | bool


@dataclass(frozen=True, slots=True)
class Ending:
    """One report of how a lead stands."""

    state: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class DemoLead:
    """A lead with what nobody can know in life: its propensity, and its endings to come."""

    external_id: str
    source: str
    attributes: dict[str, Value]
    created_at: datetime
    propensity: float
    endings: tuple[Ending, ...]
    says: Writing

    @property
    def books(self) -> bool:
        """How it ends in the end."""
        return bool(self.endings) and self.endings[-1].state == "booked"


def world(*, seed: int, first_day: date, days: int, drift_day: date) -> Iterator[DemoLead]:
    """Every lead of so many whole days, in time order."""
    for offset in range(days):
        day = first_day + timedelta(days=offset)
        era = AFTER if day >= drift_day else BEFORE
        leads = [lead(seed=seed, day=day, number=number, era=era) for number in range(_volume(seed, day))]
        yield from sorted(leads, key=lambda one: one.created_at)


def lead(*, seed: int, day: date, number: int, era: str) -> DemoLead:
    """One lead, the same at every call."""
    draw = Random(f"{seed}:{day}:{number}:{era}")  # noqa: S311 - a demo, not a secret
    source = "partner" if era == AFTER and draw.random() < 0.08 else _pick(draw, SOURCES)
    attributes = _attributes(draw, day)
    words = Random(f"{seed}:{day}:{number}:{era}:words")  # noqa: S311
    says = simulation_texts.writing(words, service=str(attributes["service"]), rooms=int(attributes["rooms"]))
    created_at = datetime.combine(day, time(tzinfo=UTC)) + timedelta(seconds=_second_of_day(draw))
    propensity = _propensity(source, attributes, day, era, says.effect)
    return DemoLead(
        external_id=f"demo-{seed}-{day:%Y%m%d}-{number:03d}-{era}",
        source=source,
        attributes={name: value for name, value in attributes.items() if not _forgotten(draw, name)},
        created_at=created_at,
        propensity=propensity,
        endings=tuple(_endings(draw, source, propensity, created_at)),
        says=says,
    )


def truth(external_id: str) -> float:
    """The true chance that this lead books; ValueError for a lead that is not of this world."""
    found = _ID.fullmatch(external_id)
    if found is None:
        raise ValueError(f"{external_id!r} is not a lead of the demo world")
    seed, day, number, era = found.groups()
    born = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).date()
    return lead(seed=int(seed), day=born, number=int(number), era=era).propensity


def auc(scores: Sequence[float], booked: Sequence[bool]) -> float | None:
    """How often a lead that books is ranked above one that does not (Mann-Whitney); None with one kind."""
    ranked = sorted(zip(scores, booked, strict=True))
    positives = sum(booked)
    negatives = len(ranked) - positives
    if not positives or not negatives:
        return None
    rank_sum, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        rank_sum += sum(won for _, won in ranked[start:end]) * (start + 1 + end) / 2
        start = end
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def _volume(seed: int, day: date) -> int:
    draw = Random(f"{seed}:{day}:volume")  # noqa: S311 - a demo, not a secret
    season = 1 + 0.15 * math.sin((day.timetuple().tm_yday - 80) / 365 * 2 * math.pi)
    return max(30, round(LEADS_A_DAY * WEEKDAY[day.weekday()] * season + draw.gauss(0, 4)))


def _attributes(draw: Random, day: date) -> dict[str, Value]:
    service = _pick(draw, SERVICES)
    return {
        "campaign": _pick(draw, CAMPAIGNS),
        "device": _pick(draw, DEVICES),
        "region": _pick(draw, REGIONS),
        "service": service,
        "budget": round(PRICES[service] * math.exp(draw.gauss(-0.05, 0.45)), -2),
        "distance_km": round(min(draw.expovariate(1 / 22), 180), 1),
        "rooms": 1 + min(int(draw.expovariate(0.9)), 6),
        "returning": draw.random() < 0.16,
        "photos": draw.random() < 0.35,
        "pages_seen": 1 + int(draw.expovariate(0.25)),
        "message_words": int(draw.lognormvariate(2.8, 0.8)),
        "wanted_on": f"{day + timedelta(days=3 + int(draw.expovariate(1 / 35))):%Y-%m-%d}",
    }


def _propensity(source: str, facts: dict[str, Value], day: date, era: str, words: float) -> float:
    service = str(facts["service"])
    worth = math.log(float(facts["budget"]) / PRICES[service])
    ahead = (date.fromisoformat(str(facts["wanted_on"])) - day).days
    logit = (
        words - 1.3 + _SOURCE_EFFECT[source] + _SERVICE_EFFECT[service] + _REGION_EFFECT[str(facts["region"])]
    )
    logit += 1.5 * math.tanh(1.8 * worth)
    logit -= 0.022 * min(float(facts["distance_km"]), 80)
    logit += 0.8 if facts["photos"] else 0.0
    logit += 0.9 if facts["returning"] else 0.0
    logit += 0.5 * math.tanh((float(facts["message_words"]) - 15) / 12)
    logit -= 0.012 * max(ahead - 20, 0)
    logit -= 0.35 if facts["device"] == "mobile" and service in ("kitchen", "heat pump") else 0.0
    logit += 0.9 if facts["campaign"] == "energy grant" and service == "heat pump" else 0.0
    if era == AFTER:
        logit -= 2.2 if source == "partner" else 0.0
        logit -= 1.1 if worth < -0.2 else 0.0
    return 1 / (1 + math.exp(-logit))


def _endings(draw: Random, source: str, propensity: float, created_at: datetime) -> Iterator[Ending]:
    """What is reported of the lead, in time order; nothing at all for one that falls silent."""
    if draw.random() < (0.06 if source == "marketplace" else 0.012):
        yield Ending("spam", created_at + timedelta(hours=draw.uniform(0.2, 20)))
        return
    if draw.random() < propensity:
        days = min(0.3 + draw.lognormvariate(1.1, 0.7), 13.5)
        if draw.random() < 0.3:
            yield Ending("qualified", created_at + timedelta(days=days * 0.4))
        yield Ending("booked", created_at + timedelta(days=days))
        return
    state = _pick(draw, {"silent": 45, "ghosted": 17, "unqualified": 18, "nurture": 12, "qualified": 8})
    if state != "silent":
        yield Ending(state, created_at + timedelta(days=draw.uniform(0.5, 11)))


def _forgotten(draw: Random, name: str) -> bool:
    return draw.random() < {"budget": 0.12, "distance_km": 0.05, "wanted_on": 0.08}.get(name, 0.0)


def _second_of_day(draw: Random) -> int:
    """Mostly in the evening, hardly ever at night."""
    hour = draw.triangular(6, 23.5, 19)
    return int(hour * 3600)


def _pick(draw: Random, weights: dict[str, int]) -> str:
    return draw.choices(list(weights), list(weights.values()))[0]
