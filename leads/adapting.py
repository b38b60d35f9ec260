"""The night's learning from corrected messages: rows in, a row out. Imports scikit-learn: only tasks may."""

from datetime import datetime

import structlog

from leads.enrichment import SHIPPED, shipped_digest
from leads.models import EnrichmentModel, Message, Role
from leads.training.correcting import Adapted, adapt, fingerprint
from leads.training.examples import Example

log = structlog.get_logger(__name__)

MOST = 5_000  # newest corrections that are learned from


def learn(*, now: datetime) -> str:
    """Models from every correction there is, kept with their figures; says what came of it."""
    base, corrections = shipped_digest(), corrections_of_people()
    newest = EnrichmentModel.objects.order_by("-id").defer("data").first()
    known = (newest.base, newest.corrections) if newest else (base, fingerprint([]))
    if known == (base, fingerprint(corrections)):
        return "nothing new to learn from"
    adapted = adapt(SHIPPED.read_bytes(), base, corrections)
    _keep(adapted, base=base, now=now)
    log.info("enrichment_adapted", serves=adapted.serves, corrections=len(corrections))
    return verdict_of(adapted)


def corrections_of_people() -> list[Example]:
    """The newest corrected messages, each as what it is by the person who corrected it."""
    rows = Message.objects.filter(corrected_at__isnull=False, role=Role.LEAD).order_by(
        "-corrected_at", "-id"
    )[:MOST]
    return [
        Example(
            text=row.text,
            group=str(row.lead_id),
            intent=row.corrected_intent or None,
            sentiment=row.corrected_sentiment or None,
            urgency=row.corrected_urgency or None,
        )
        for row in rows
    ]


def verdict_of(adapted: Adapted) -> str:
    """One line for a log or a terminal."""
    told = "; ".join(
        f"{task}: {figures['corrections']:.0f} corrections, right {figures['corrections_before']:.0%} before,"
        f" {figures['corrections_after']:.0%} after; own texts {figures['own_before']:.1%},"
        f" {figures['own_after']:.1%}"
        for task, figures in adapted.figures.items()
    )
    return f"{'serves' if adapted.serves else 'held'}: {told or 'too few corrections'}"


def _keep(adapted: Adapted, *, base: str, now: datetime) -> None:
    EnrichmentModel.objects.create(
        data=adapted.data or b"",
        sha256=adapted.sha256,
        base=base,
        corrections=adapted.corrections,
        serves=adapted.serves,
        figures=adapted.figures,
        created_at=now,
    )
