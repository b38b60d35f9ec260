"""What GET /v1/leads can be narrowed by."""

from django.utils.timezone import now
from django_filters import rest_framework as filters

from leads.models import Grade, Lead, LeadQuerySet, State


class LeadFilter(filters.FilterSet):  # type: ignore[misc]
    """All are optional and all must hold."""

    source = filters.CharFilter()
    grade = filters.ChoiceFilter(choices=Grade.choices)
    state = filters.ChoiceFilter(choices=State.choices, label="State of the newest outcome")
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    min_probability = filters.NumberFilter(field_name="probability", lookup_expr="gte")
    max_probability = filters.NumberFilter(field_name="probability", lookup_expr="lte")
    matured = filters.BooleanFilter(method="by_maturity", label="Whether the lead may be judged")

    class Meta:
        model = Lead
        fields: list[str] = []

    def by_maturity(self, leads: LeadQuerySet, name: str, value: bool) -> LeadQuerySet:
        """As of now."""
        return leads.matured(now=now()) if value else leads.immature(now=now())
