"""Whose leads are these: one lead by an id, or all leads of a person by e-mail or phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from leads.models import Lead, LeadQuerySet
from privacy.digests import Name, digests
from privacy.tombstones import Known


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is meant, and by what."""

    name: Name
    value: str

    @classmethod
    def lead(cls, lead: UUID) -> "Subject":
        """By our id."""
        return cls(Name.LEAD, str(lead))

    def leads(self) -> LeadQuerySet:
        """All that are theirs."""
        found = digests(self.name, self.value)
        match self.name:
            case Name.LEAD:
                return Lead.objects.filter(pk=UUID(self.value))
            case Name.EXTERNAL_ID:
                return Lead.objects.filter(external_id=self.value)
            case Name.EMAIL:
                return Lead.objects.filter(email_digest__in=found)
            case Name.PHONE:
                return Lead.objects.filter(phone_digest__in=found)


def known(leads: LeadQuerySet) -> list[Known]:
    """What they are known by, without a look at their contacts."""
    rows = leads.order_by("pk").values_list("pk", "external_id", "created_at", "email_digest", "phone_digest")
    return [Known(*row) for row in rows]


def same_person(leads: Sequence[Known]) -> LeadQuerySet:
    """Other leads with an e-mail or phone of these."""
    digests = {
        name: [getattr(lead, name) for lead in leads if getattr(lead, name)] for name in ("email", "phone")
    }
    shared = Q(email_digest__in=digests["email"]) | Q(phone_digest__in=digests["phone"])
    return Lead.objects.filter(shared).exclude(pk__in=[lead.lead for lead in leads])
