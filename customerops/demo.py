"""The demo world comes in through the real doors: intake for leads, the outcome service for how they end."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from django.db.models import Count, Min

from customerops import intake
from followups import policies
from followups.models import Policy
from leads import services, silence, simulation
from leads.conversation import NewMessage
from leads.models import Lead, Outcome
from leads.services import NewLead, OutcomeReport
from leads.simulation import DemoLead
from modeling import serving
from modeling.features import Value, snapshot
from modeling.models import FeatureRule

BATCH = 500
SOURCE = "demo"
PREFIX = "demo-"  # of the ids of its leads (leads/simulation.py)
PHRASES = {
    "lead.source": "came through {value}",
    "campaign": "answered the campaign {value}",
    "device": "wrote from a {value}",
    "region": "lives in the {value}",
    "service": "asked for {value}",
    "budget": "has a budget {value}",
    "distance_km": "lives {value} km away",
    "rooms": "has {value} rooms to do",
    "returning": "is a returning customer: {value}",
    "photos": "sent photos: {value}",
    "pages_seen": "looked at {value} pages",
    "message_words": "wrote {value} words",
    "wanted_on.days_ahead": "wants it in {value} days",
    "message.count": "wrote {value} messages",
    "message.intent": "wrote about: {value}",
    "message.sentiment": "sounds (from -1 to 1) {value}",
    "message.urgency": "is in a hurry (from 0 to 1) {value}",
}

POLICY = "Demo: still interested?"
FOLLOW_UPS = {
    "steps": [
        {"after": after, "channel": "console", "body": body}
        for after, body in (
            ("1m", "Thank you for asking. Is there anything else you would like to know?"),
            ("2h", "Shall we keep a date for you?"),
            ("1d", "We will not write again. You know where to find us."),
        )
    ],
    "hours": {"quiet": []},
    "caps": {"lead_per_day": 2},
    "hold_out": 0.1,
}


@dataclass(slots=True)
class Loaded:
    """What one run added."""

    leads: int = 0
    outcomes: int = 0
    ghosted: int = 0


@dataclass(frozen=True, slots=True)
class Appraisal:
    """How near the serving model comes to the truth on leads whose endings nobody here knows yet."""

    leads: int
    model: float
    truth: float


def load(
    *, seed: int, days: int, now: datetime, on_leads: Callable[[int], object] = lambda leads: None
) -> Loaded:
    """Bring in the whole days before today, each lead at its own date, and the outcomes due by now.

    What is there already stays as it is, so a second run on the same day adds nothing.
    """
    added = Loaded()
    midnight = datetime.combine(now.astimezone(UTC).date(), time(tzinfo=UTC))
    leads = iter(_world(seed, days, midnight.date()))
    while batch := list(islice(leads, BATCH)):
        added.leads += _receive(batch, now)
        added.outcomes += _report(batch, midnight)
        on_leads(len(batch))
    added.ghosted = silence.ghost(now=now)
    return added


def appraise(*, seed: int, days: int, now: datetime) -> Appraisal | None:
    """Compare model and truth on the leads that have not matured: no training has seen their endings."""
    loaded = serving.refresh()
    waiting = [
        lead
        for lead in _world(seed, days, now.date())
        if lead.created_at + simulation.HORIZON > now and not _is_spam(lead)
    ]
    seen = _seen(waiting)
    newest = [lead for lead in waiting if lead.external_id in seen]
    booked = [lead.books for lead in newest]
    truth = simulation.auc([lead.propensity for lead in newest], booked)
    if loaded is None or truth is None:
        return None
    scores = [loaded.scorecard.probability(seen[lead.external_id], lead.created_at) for lead in newest]
    return Appraisal(leads=len(newest), model=simulation.auc(scores, booked) or 0.0, truth=truth)


def _seen(leads: Sequence[DemoLead]) -> dict[str, dict[str, Value]]:
    """What scores see of stored leads, by their external ids."""
    stored = Lead.objects.filter(external_id__in=[lead.external_id for lead in leads])
    return {
        str(external_id): snapshot(attributes=attributes, source=source, signals=signals)
        for external_id, attributes, source, signals in stored.values_list(
            "external_id", "attributes", "source", "signals"
        )
    }


def word_reasons() -> None:
    """Phrases for the demo's features, where nobody has written one."""
    FeatureRule.objects.bulk_create(
        [FeatureRule(name=name, phrase=phrase) for name, phrase in PHRASES.items()], ignore_conflicts=True
    )


def write_policy(*, now: datetime) -> None:
    """Follow-ups that print instead of sending, at any hour so that there is something to watch."""
    if Policy.objects.filter(name=POLICY).exists():
        return  # what a person made of it stays
    version = policies.create(name=POLICY, document=FOLLOW_UPS, author=SOURCE, now=now)
    policies.throw_switch(policy=version.policy, on=True, actor=SOURCE, now=now)


def as_new_lead(lead: DemoLead) -> NewLead:
    """The lead as the intake takes it."""
    return NewLead(
        external_id=lead.external_id,
        source=lead.source,
        attributes=lead.attributes,
        created_at=lead.created_at,
        matures_at=lead.created_at + simulation.HORIZON,
        messages=[NewMessage(text=lead.says.first)] if lead.says.first else [],
    )


def _world(seed: int, days: int, today: date) -> Iterable[DemoLead]:
    """The days before today. The day things changed is what an earlier run made it."""
    first_day = today - timedelta(days=days)
    changed = Lead.objects.filter(
        external_id__startswith=f"demo-{seed}-", external_id__endswith=f"-{simulation.AFTER}"
    ).aggregate(at=Min("created_at"))["at"]
    drift_day = changed.date() if changed else first_day + timedelta(days=days // 2)
    return simulation.world(seed=seed, first_day=first_day, days=days, drift_day=drift_day)


def _receive(batch: Sequence[DemoLead], now: datetime) -> int:
    known = set(
        Lead.objects.filter(external_id__in=[lead.external_id for lead in batch]).values_list(
            "external_id", flat=True
        )
    )
    new = [as_new_lead(lead) for lead in batch if lead.external_id not in known]
    return len(intake.receive(leads=new, now=now)) if new else 0


def _report(batch: Sequence[DemoLead], until: datetime) -> int:
    """Record the endings that happened before `until`, after those recorded earlier."""
    ids: dict[str, UUID] = {}
    recorded: dict[UUID, int] = {}
    rows = Lead.objects.filter(external_id__in=[lead.external_id for lead in batch]).values_list(
        "external_id", "id"
    )
    ids.update((external_id or "", key) for external_id, key in rows)
    counts = (
        Outcome.objects.filter(lead__in=ids.values(), source=SOURCE).values_list("lead").annotate(Count("id"))
    )
    recorded.update(counts)
    reports = [
        OutcomeReport(
            lead_id=ids[lead.external_id],
            state=ending.state,
            occurred_at=ending.occurred_at,
            recorded_at=ending.occurred_at,
            source=SOURCE,
        )
        for lead in batch
        for ending in lead.endings[recorded.get(ids[lead.external_id], 0) :]
        if ending.occurred_at < until
    ]
    return services.record_outcomes(reports=reports)


def _is_spam(lead: DemoLead) -> bool:
    return any(ending.state == "spam" for ending in lead.endings)
