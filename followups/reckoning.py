"""What came of policies, counted from rows: the last 30 days of each, and followed against held out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from followups.effect import Effect, Side, effect
from followups.models import Policy, PolicyVersion

LAST = timedelta(days=30)
MOST = 5_000  # of the newest enrolments of each: a page has to come up
MOST_JUDGED = 100_000

# Leads of the last days, with what each of them got and did.
_LATELY = """
    SELECT policy.id, count(one.lead_id), count(*) FILTER (WHERE one.held_out), coalesce(sum(one.sent), 0),
           count(*) FILTER (WHERE one.replied), count(*) FILTER (WHERE one.booked)
    FROM followups_policy AS policy
    LEFT JOIN LATERAL (
        SELECT enrolled.lead_id, enrolled.held_out, lead.turns_heard > enrolled.turns_heard AS replied,
               newest.state = 'booked' AS booked, rows.sent
        FROM (
            SELECT * FROM followups_enrolment
            WHERE policy_id = policy.id AND enrolled_at >= %(since)s ORDER BY enrolled_at DESC LIMIT %(most)s
        ) AS enrolled
        JOIN leads_lead AS lead ON lead.id = enrolled.lead_id
        LEFT JOIN LATERAL (
            SELECT state FROM leads_outcome WHERE lead_id = lead.id ORDER BY recorded_at DESC, id DESC LIMIT 1
        ) AS newest ON true
        LEFT JOIN LATERAL (
            SELECT count(*) AS sent FROM followups_followup AS step
            WHERE step.lead_id = enrolled.lead_id AND step.policy_id = policy.id AND step.status = 'sent'
        ) AS rows ON true
    ) AS one ON true
    WHERE %(policy)s::bigint IS NULL OR policy.id = %(policy)s
    GROUP BY policy.id
"""
_SIDES = """
    SELECT enrolled.held_out, count(*), count(*) FILTER (WHERE lead.matures_at <= %(now)s),
           count(*) FILTER (WHERE lead.matures_at <= %(now)s AND newest.state = 'booked'
                                  AND newest.occurred_at <= lead.matures_at)
    FROM (
        SELECT * FROM followups_enrolment
        WHERE policy_id = %(policy)s AND version_id = ANY (%(versions)s)
        ORDER BY enrolled_at DESC LIMIT %(most)s
    ) AS enrolled
    JOIN leads_lead AS lead ON lead.id = enrolled.lead_id
    LEFT JOIN LATERAL (
        SELECT state, occurred_at FROM leads_outcome
        WHERE lead_id = lead.id ORDER BY recorded_at DESC, id DESC LIMIT 1
    ) AS newest ON true
    GROUP BY enrolled.held_out
"""
NOBODY = Side(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the leads a policy took in during the last 30 days, the newest 5,000 at most."""

    enrolled: int = 0
    held_out: int = 0
    sent: int = 0
    replied: int = 0
    booked: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """The effect, under versions that hold out the same share; `since` is the first of them."""

    effect: Effect
    hold_out: float
    since: int


def figures(*, now: datetime, policy: Policy | None = None) -> Mapping[int, Figures]:
    """Of one policy or every one, by id."""
    only = policy.pk if policy else None
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, {"since": now - LAST, "most": MOST, "policy": only})
        return {policy: Figures(*map(int, counts)) for policy, *counts in cursor.fetchall()}


def measured(*, policy: Policy, now: datetime) -> Measured:
    """Followed against held out.

    While the share that is held out stays, both sides come from the same leads. Across a change of it they
    would not: one side would have more of the older leads. So only the versions since the last change count.
    """
    versions = list(PolicyVersion.objects.filter(policy=policy).order_by("-number"))
    share = _share(versions[0])
    alike = []
    for version in versions:
        if _share(version) != share:
            break
        alike.append(version)
    numbers = [version.pk for version in alike]
    with connection.cursor() as cursor:
        cursor.execute(_SIDES, {"policy": policy.pk, "now": now, "most": MOST_JUDGED, "versions": numbers})
        sides = {held_out: Side(*counts) for held_out, *counts in cursor.fetchall()}
    found = effect(followed=sides.get(False, NOBODY), held_out=sides.get(True, NOBODY))
    return Measured(found, share, alike[-1].number)


def _share(version: PolicyVersion) -> float:
    """None is held out as far as we know, where the document is not one that we can read."""
    document = version.document
    share = document.get("hold_out", 0.0) if isinstance(document, Mapping) else 0.0
    return float(share) if isinstance(share, int | float) else 0.0
