"""The only writers of leads, their scores and their outcomes. Every function is given `now`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from uuid6 import uuid7

from leads import metrics, opting_out
from leads.conversation import NewMessage
from leads.models import Lead, Outcome
from leads.signals import Signals
from leads.statements import Prepared, Statement, run
from leads.storing import storing
from leads.values import LONGEST_SOURCE, safe_values
from privacy import tombstones
from privacy.encryption import UnreadableContact
from privacy.keeping import kept, kept_values
from privacy.kinds import Surface

API = "api"  # who reports an ending, when nobody says
CLOCK_SKEW = timedelta(hours=24)  # a caller's clock or time zone may run ahead of ours by so much


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadScore:
    """A score as the lead's row shows it. All empty: no model was serving."""

    probability: float | None = None
    grade: str = ""
    model_version: int | None = None
    scored_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLead:
    """A lead as it comes in. `created_at` None means now; `matures_at` None means the horizon later."""

    external_id: str | None = None
    source: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    contact: Mapping[str, str] | None = None
    timezone: str = "UTC"
    created_at: datetime | None = None
    matures_at: datetime | None = None
    opted_out_at: datetime | None = None
    replied_at: datetime | None = None
    turns_heard: int = 0
    messages: Sequence[NewMessage] = ()
    signals: Signals = field(default_factory=dict)
    score: LeadScore = LeadScore()
    safe: bool = False  # attributes and source hold nothing personal


@dataclass(frozen=True, slots=True)
class Created:
    """The stored lead; `new` is False when its external id was known, then nothing was changed.

    With `erased` the lead is nowhere: it, or what tells of its person before their erasure, was erased.
    """

    lead: Lead
    new: bool
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReport:
    """How a lead ended, in a batch. `recorded_at` is when this became known, for corrections the later."""

    lead_id: UUID
    state: str
    occurred_at: datetime
    recorded_at: datetime
    source: str


class OutcomeRefusedError(ValueError):
    """The outcome cannot be true; `field` names the value to change."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


_BESIDE_ERASURES = Statement(Prepared("beside_erasures", tombstones.BESIDE_ERASURES), [])

_SCORE = Prepared(
    "score_leads",
    """
    UPDATE leads_lead SET probability = new.probability, grade = new.grade,
           model_version = new.model_version, scored_at = new.scored_at
    FROM unnest($1::uuid[], $2::float8[], $3::text[], $4::bigint[], $5::timestamptz[])
         AS new (id, probability, grade, model_version, scored_at)
    WHERE leads_lead.id = new.id
    """,
)


def create_leads(
    *,
    leads: Sequence[NewLead],
    now: datetime,
    along: Callable[[Sequence[Lead]], Sequence[Statement]] = lambda rows: (),
) -> list[Created]:
    """Store leads; one answer for each, in their order.

    A caller may repeat a call that timed out: the first lead with an external id wins, later ones get it back
    unchanged with `new` False. To change a lead's ending, record an outcome. What `along` makes of the rows
    goes with them, all or none; it has to leave out rows that are not there because their lead was known.
    """
    rows = [_row(safe(lead), now) for lead in leads]
    if not rows:
        return []
    new = storing(rows, now=now)
    _, stored, *_ = run(_BESIDE_ERASURES, new, *opting_out.remembering(rows), *along(rows))
    inserted: dict[UUID, datetime | None] = dict(stored)
    for row in rows:
        row.opted_out_at = inserted.get(row.id, row.opted_out_at)
    known = _known([row.external_id for row in rows if row.id not in inserted])
    return [_created(row, row.id in inserted, known.get(row.external_id or "")) for row in rows]


def _created(row: Lead, stored: bool, known: Lead | None) -> Created:
    if stored or known:
        return Created(row if stored else known or row, stored)
    return Created(row, False, erased=True)


def safe(lead: NewLead) -> NewLead:
    """The lead as it may be stored and scored: nothing personal in its attributes and source."""
    if lead.safe:
        return lead
    attributes, source = safe_values(attributes=lead.attributes, source=lead.source, contact=lead.contact)
    return replace(lead, attributes=attributes, source=source, safe=True)


def scoring(*, scores: Mapping[UUID, LeadScore]) -> Statement:
    """Puts scores on leads, replacing the earlier ones; the history of scores is the Prediction rows."""
    ids = sorted(scores)  # two batches of the same leads lock them in one order
    ordered = [scores[lead] for lead in ids]
    return Statement(
        _SCORE,
        [
            ids,
            [score.probability for score in ordered],
            [score.grade for score in ordered],
            [score.model_version for score in ordered],
            [score.scored_at for score in ordered],
        ],
    )


def record_outcome(
    *,
    lead: Lead,
    state: str,
    now: datetime,
    occurred_at: datetime | None = None,
    source: str = API,
    user: str = "",
    note: str = "",
) -> Outcome:
    """Append an outcome; a later one corrects it. Raises OutcomeRefusedError for a date that cannot be.

    Of `note` and `source` only what is not personal is stored; a `user` of the admin is named instead of it.
    """
    occurred_at = occurred_at or max(now, lead.created_at)
    refuse_impossible(lead=lead, occurred_at=occurred_at, now=now)
    safe_note = kept(note, surface=Surface.OUTCOME_NOTE, person=contact_of(lead)) if note else ""
    told_by = f"admin {user}"[:LONGEST_SOURCE] if user else _safe_source(source, lead)
    with transaction.atomic():
        held(lead.pk)  # whoever waited here, also for the task that ghosts, is the newest
        last = Outcome.objects.filter(lead=lead).aggregate(at=Max("recorded_at"))["at"]
        outcome = Outcome.objects.create(
            lead=lead,
            state=state,
            occurred_at=occurred_at,
            recorded_at=max(now, last or now),
            source=told_by,
            note=safe_note,
        )
        transaction.on_commit(partial(metrics.count_outcomes, [state]))
    return outcome


def _safe_source(source: str, lead: Lead) -> str:
    if source == API:
        return source
    safe = kept_values({"told": source}, surface=Surface.OUTCOME_NOTE, person=contact_of(lead))
    return str(safe["told"])[:LONGEST_SOURCE]


def refuse_impossible(*, lead: Lead, occurred_at: datetime, now: datetime) -> None:
    """Raises OutcomeRefusedError for an ending before the beginning or in the future."""
    if occurred_at < lead.created_at:
        raise OutcomeRefusedError(
            "occurred_at", f"is before the lead came in, {lead.created_at:%Y-%m-%d %H:%M} UTC"
        )
    if occurred_at > now + CLOCK_SKEW:
        raise OutcomeRefusedError("occurred_at", "is in the future")


def record_outcomes(*, reports: Sequence[OutcomeReport]) -> int:
    """Append many outcomes that were judged possible before; answers how many."""
    rows = [
        Outcome(
            lead_id=report.lead_id,
            state=report.state,
            occurred_at=report.occurred_at,
            recorded_at=report.recorded_at,
            source=report.source,
        )
        for report in reports
    ]
    Outcome.objects.bulk_create(rows, batch_size=1000)
    transaction.on_commit(partial(metrics.count_outcomes, [row.state for row in rows]))
    return len(rows)


def opt_out(*, lead: Lead, now: datetime) -> bool:
    """The person wants no more messages; the first time counts. Answers whether this was the first."""
    return opting_out.opt_out(lead=lead, now=now)


def note_signals(
    *,
    lead: Lead,
    signals: Signals,
    opts_out: bool,
    now: datetime,
    replied_at: datetime | None = None,
    turns: int = 0,
) -> None:
    """Put on the lead what its messages say: `turns` new ones, the newest said at `replied_at`.

    Changes `lead` as well, which the transaction has to hold.
    """
    lead.signals = dict(signals)
    lead.replied_at = max(filter(None, (lead.replied_at, replied_at)), default=None)
    lead.turns_heard += turns
    Lead.objects.filter(pk=lead.pk).update(
        signals=lead.signals, replied_at=lead.replied_at, turns_heard=lead.turns_heard
    )
    if opts_out and opt_out(lead=lead, now=now):
        lead.opted_out_at = now


def held(lead: UUID) -> Lead:
    """The lead without its contact; until the transaction ends nobody else writes it or what hangs on it.

    Raises Lead.DoesNotExist.
    """
    return Lead.objects.select_for_update(no_key=True).defer("contact").get(pk=lead)


def contact_of(lead: Lead) -> Mapping[str, str]:
    """Whom a text is about, as far as a listed key can read it."""
    try:
        return lead.contact or {}
    except UnreadableContact:
        return {}


def _row(new: NewLead, now: datetime) -> Lead:
    created_at = new.created_at or now
    return Lead(
        id=UUID(int=uuid7().int),  # the plain type, which orjson knows
        external_id=new.external_id,
        source=new.source,
        attributes=new.attributes,
        contact=dict(new.contact) if new.contact else None,
        timezone=new.timezone,
        created_at=created_at,
        recorded_at=now,
        matures_at=new.matures_at or created_at + timedelta(days=settings.OUTCOME_HORIZON_DAYS),
        opted_out_at=new.opted_out_at,
        replied_at=new.replied_at,
        turns_heard=new.turns_heard,
        signals=new.signals,
        probability=new.score.probability,
        grade=new.score.grade,
        model_version=new.score.model_version,
        scored_at=new.score.scored_at,
    )


def _known(external_ids: Sequence[str | None]) -> dict[str, Lead]:
    if not external_ids:
        return {}
    found = Lead.objects.defer("contact").filter(external_id__in=external_ids)
    return {lead.external_id or "": lead for lead in found}
