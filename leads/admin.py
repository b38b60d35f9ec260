"""Leads for the people who call them: best first, with their history, which only grows."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.timezone import now

from leads import services
from leads.models import Lead, Outcome
from privacy.encryption import UnreadableContact


class OutcomeFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Refuses what the service would refuse, beside the field."""

    def clean(self) -> None:
        """Dates that cannot be."""
        super().clean()
        for form in self.extra_forms:
            occurred_at = form.cleaned_data.get("occurred_at") if form.has_changed() else None
            if occurred_at is None:
                continue
            try:
                services.refuse_impossible(lead=self.instance, occurred_at=occurred_at, now=now())
            except services.OutcomeRefusedError as refused:
                form.add_error(refused.field, str(refused))
                raise ValidationError("Nothing was recorded.") from refused


class OutcomeInline(admin.TabularInline):  # type: ignore[type-arg]
    """History is read; a new row records or corrects an ending."""

    model = Outcome
    formset = OutcomeFormSet
    fields = ["state", "occurred_at", "recorded_at", "source", "note"]
    readonly_fields = ["recorded_at", "source"]
    ordering = ["-recorded_at", "-id"]
    extra = 1
    verbose_name_plural = "outcomes, newest first; add a row to record or correct one"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whom to call first."""

    list_display = [
        "__str__",
        "source",
        "grade",
        "probability",
        "state",
        "created_at",
        "matures_at",
        "opted_out_at",
    ]
    list_filter = ["grade", "created_at", "matures_at", ("opted_out_at", admin.EmptyFieldListFilter)]
    search_fields = ["=external_id", "=source", "=id"]
    show_full_result_count = False
    list_per_page = 50
    inlines = [OutcomeInline]
    actions = ["opt_out"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        """Without contact details: they are decrypted only where they are shown."""
        return Lead.objects.defer("contact").with_state()

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """The order of the index lead_best."""
        return [F("probability").desc(nulls_last=True)]

    def get_fields(self, request: HttpRequest, obj: Lead | None = None) -> list[Any]:
        """Contact details only for those who may see them."""
        names = [field.name for field in Lead._meta.fields if field.name != "contact"]
        return [*names, "contact_details"] if request.user.has_perm("leads.view_contact") else names

    def get_readonly_fields(self, request: HttpRequest, obj: Lead | None = None) -> list[Any]:
        """Leads come by the API and are described there."""
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leads come by the API."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The model learned from them."""
        return False

    @admin.display(description="newest outcome")
    def state(self, lead: Lead) -> str:
        """Where the lead stands."""
        return getattr(lead, "state", None) or ""

    @admin.display(description="contact")
    def contact_details(self, lead: Lead) -> str:
        """Decrypted for this page."""
        try:
            contact: dict[str, str] = lead.contact or {}
        except UnreadableContact:
            return "encrypted with a key that is no longer listed"
        return ", ".join(f"{kind}: {value}" for kind, value in contact.items())

    @admin.action(description="Opt out: no more messages", permissions=["change"])
    def opt_out(self, request: HttpRequest, leads: QuerySet[Lead]) -> None:
        """The first time counts."""
        first = [lead for lead in leads if services.opt_out(lead=lead, now=now())]
        for lead in first:
            self.log_change(request, lead, "Opted out")
        self.message_user(request, f"{len(first)} opted out.", messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: Lead, form: Any, change: bool) -> None:
        """Nothing of the lead itself changes here."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """New outcomes, by the service that writes them all."""
        for outcome in formset.save(commit=False):
            services.record_outcome(
                lead=form.instance,
                state=outcome.state,
                occurred_at=outcome.occurred_at,
                source=f"admin {request.user}"[:100],
                note=outcome.note,
                now=now(),
            )
