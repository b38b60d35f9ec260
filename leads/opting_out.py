"""Who wants no more messages: a person, by whatever lead we know them, also one that comes in later.

A lead says so in `opted_out_at`. Of the person stays the keyed digest of the e-mail address, so that a lead
that comes in under it later is opted out from the start, though the first was removed long ago.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from leads.models import Lead, OptOut
from leads.statements import Prepared, Statement
from privacy import tombstones
from privacy.digests import Name, digests
from privacy.encryption import UnreadableContact

# For a row `new` with `digests` (uuid[]): since when its person wants no messages. One look-up in the index
# for each digest, whatever the planner believes of a table that was empty when it planned.
OPTED_OUT_BEFORE = """
    (SELECT found.at FROM unnest(new.digests) AS asked (digest), LATERAL (
         SELECT at FROM leads_optout AS earlier WHERE earlier.digest = asked.digest LIMIT 1) AS found
     LIMIT 1)
"""
# Of leads in a query: that their person opted out, also where the lead does not say so yet. Other leads of a
# person follow a moment later, or never if the process dies in it, or if one comes in meanwhile.
OF_THEIR_PERSON = Exists(OptOut.objects.filter(digest=OuterRef("email_digest")))
# The same of a row `lead`, for statements of their own.
THEIR_PERSON_OPTED_OUT = """
    EXISTS (SELECT FROM leads_optout AS theirs WHERE theirs.digest = lead.email_digest)
"""
_REMEMBER = Prepared(
    "remember_opt_outs",
    """
    INSERT INTO leads_optout (digest, at)
    SELECT email_digest, min(opted_out_at) FROM leads_lead
    WHERE id = ANY ($1::uuid[]) AND email_digest IS NOT NULL AND opted_out_at IS NOT NULL
    GROUP BY email_digest ON CONFLICT DO NOTHING
    """,
)


def remembering(leads: Sequence[Lead]) -> list[Statement]:
    """What has to be run after new leads were stored of which some opted out with their first message."""
    opted_out = [lead.pk for lead in leads if lead.opted_out_at]
    return [Statement(_REMEMBER, [opted_out])] if opted_out else []


def opt_out(*, lead: Lead, now: datetime) -> bool:
    """The person wants no more messages; the first time counts. Answers whether this was the first.

    Other leads of theirs follow when the transaction is done: the locks on them would be taken in any order.
    """
    with transaction.atomic():
        if not Lead.objects.filter(pk=lead.pk, opted_out_at=None).update(opted_out_at=now):
            return False
        [address] = Lead.objects.filter(pk=lead.pk).values_list("email_digest", flat=True)
        if address:
            _remember([address], now)
            transaction.on_commit(partial(_all_of, [address], now))
    return True


def everywhere(*, lead: UUID, now: datetime) -> int:
    """Opt out every lead with the e-mail address of this one; answers how many were not yet.

    Beside it no lead comes in: one that did might have looked for the person before and be stored after.
    """
    found = Lead.objects.defer("contact").filter(pk=lead).first()
    if found is None or _is_out(found):
        return 0
    with transaction.atomic():
        tombstones.hold()
        addresses = _addresses(found)
        changed = _all_of(addresses, now, lead=lead)  # leads first, as whoever writes for one of them does
        _remember(addresses, now)
        return changed


def _is_out(lead: Lead) -> bool:
    known = lead.email_digest is None or OptOut.objects.filter(digest=lead.email_digest).exists()
    return lead.opted_out_at is not None and known


def _addresses(lead: Lead) -> list[UUID]:
    """Digests of the lead's address with every listed key, as far as a key reads it."""
    try:
        told = digests(Name.EMAIL, (lead.contact or {}).get("email", ""))
    except UnreadableContact:
        told = []
    return list({*told, *([lead.email_digest] if lead.email_digest else [])})


def _remember(addresses: Collection[UUID], now: datetime) -> None:
    OptOut.objects.bulk_create([OptOut(digest=one, at=now) for one in addresses], ignore_conflicts=True)


def _all_of(addresses: Collection[UUID], now: datetime, lead: UUID | None = None) -> int:
    theirs = Lead.objects.filter(Q(pk=lead) | Q(email_digest__in=addresses), opted_out_at=None)
    with transaction.atomic():
        locked = list(theirs.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        return Lead.objects.filter(pk__in=locked, opted_out_at=None).update(opted_out_at=now)
