"""Leads for the people who call them: best first, with their history, which only grows."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import now

from leads import services
from leads.admin.conversation import TurnInline, corrected
from leads.admin.filters import Contact, Standing, Wants
from leads.models import Lead, Message, Outcome
from leads.signals import INTENT, URGENCY
from privacy.encryption import UnreadableContact

URGENT = 0.6  # from here on an answer cannot wait
DATES = [("created_at", "recorded_at"), ("replied_at", "opted_out_at"), "matures_at"]
DATES_SAID = """All times are UTC. Created: when it began, as its caller says. Recorded: when it came in here.
Replied: when the person wrote last. Once it has matured it is learned from: as ghosted, unless an outcome is
recorded."""


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
    fields = ["state", "occurred_at", "note", "recorded", "by"]
    readonly_fields = ["recorded", "by"]
    ordering = ["-recorded_at", "-id"]
    extra = 1
    verbose_name_plural = "outcomes, newest first; the empty row records one, or corrects the last"

    @admin.display(description="recorded")
    def recorded(self, outcome: Outcome) -> str:
        """Of what is recorded already."""
        return f"{outcome.recorded_at:%Y-%m-%d %H:%M}" if outcome.pk else ""

    @admin.display(description="by")
    def by(self, outcome: Outcome) -> str:
        """Of what is recorded already."""
        return outcome.source if outcome.pk else ""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """History stays."""
        return False


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whom to call first."""

    list_display = ["name", "grade", "chance", "state", "wrote", "source", "arrived"]
    list_filter = [Standing, Wants, "grade", Contact, "created_at"]
    search_fields = ["=external_id", "=source", "=id"]
    search_help_text = "The caller's id, ours, or a source, spelled out."
    score_fields = ["grade", "chance", "scored_at", "model_version"]
    show_full_result_count = False
    list_per_page = 50
    inlines = [TurnInline, OutcomeInline]
    actions = ["opt_out"]

    class Media:
        css = {"all": ["leads/admin.css"]}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Says what the order is."""
        return super().changelist_view(request, {"title": "Leads, best first", **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Nothing of the lead is changed, whatever may be added to it."""
        return super().change_view(request, object_id, form_url, {"title": "Lead", **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        """Without contact details: they are decrypted only where they are shown."""
        return Lead.objects.defer("contact").with_state()

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """The order of the index lead_best."""
        return [F("probability").desc(nulls_last=True)]

    def get_fieldsets(self, request: HttpRequest, obj: Lead | None = None) -> Any:
        """Contact details only for those who may see them."""
        person = ["external_id", "id", "source", "described", "timezone"]
        if request.user.has_perm("leads.view_contact"):
            person.append("contact_details")
        return [
            ("Score", {"fields": self.score_fields}),
            ("Lead", {"fields": person}),
            ("Dates", {"fields": DATES, "description": DATES_SAID}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Lead | None = None) -> list[Any]:
        """Leads come by the API and are described there."""
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Leads come by the API."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The model learned from them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its page is saved by who may record an outcome or correct a turn; of itself nothing changes."""
        if super().has_change_permission(request, obj):
            return True
        may = any(map(request.user.has_perm, ("leads.add_outcome", "leads.change_message")))
        return may and request.user.has_perm("leads.view_lead")

    def has_opt_out_permission(self, request: HttpRequest) -> bool:
        """For the action."""
        return request.user.has_perm("leads.change_lead")

    @admin.display(description="lead")
    def name(self, lead: Lead) -> str:
        """The caller's name for it, or ours."""
        return str(lead)

    @admin.display(description="chance", ordering="probability")
    def chance(self, lead: Lead) -> str:
        """As people say it."""
        return "no score yet" if lead.probability is None else f"{lead.probability:.0%}"

    @admin.display(description="stands")
    def state(self, lead: Lead) -> str:
        """The newest outcome, and what must not be overlooked."""
        state = getattr(lead, "state", None) or "open"
        return f"{state}, opted out" if lead.opted_out_at else state

    @admin.display(description="came in", ordering="created_at")
    def arrived(self, lead: Lead) -> SafeString:
        """A narrow list takes the time below the date."""
        day, time = f"{lead.created_at:%Y-%m-%d %H:%M}".split()
        return format_html("<span>{}</span> {}", day, time)

    @admin.display(description="wrote about", empty_value="nothing yet")
    def wrote(self, lead: Lead) -> SafeString | None:
        """The intent of its newest message, whether that cannot wait, and when it came."""
        intent, urgency = lead.signals.get(INTENT), lead.signals.get(URGENCY, 0)
        if intent is None or lead.replied_at is None:
            return None
        said = f"{intent.replace('_', ' ')}{', urgent' if urgency >= URGENT else ''}"
        return format_html(
            "{}<div class='quiet' title='{}'>{} ago</div>",
            said, f"{lead.replied_at:%Y-%m-%d %H:%M} UTC", timesince(lead.replied_at, depth=1),
        )  # fmt: skip

    @admin.display(description="described as")
    def described(self, lead: Lead) -> SafeString | str:
        """The attributes as a table."""
        rows = format_html_join(
            "",
            "<tr><th>{}</th><td>{}</td></tr>",
            ((name, _plain(value)) for name, value in lead.attributes.items()),
        )
        return format_html('<table class="facts">{}</table>', rows) if rows else "nothing"

    @admin.display(description="contact details")
    def contact_details(self, lead: Lead) -> str:
        """Decrypted for this page."""
        try:
            contact: dict[str, str] = lead.contact or {}
        except UnreadableContact:
            return "encrypted with a key that is no longer listed"
        return ", ".join(f"{kind}: {value}" for kind, value in contact.items()) or "none"

    @admin.action(description="Opt out: no more messages", permissions=["opt_out"])
    def opt_out(self, request: HttpRequest, leads: QuerySet[Lead]) -> None:
        """The first time counts."""
        first = [lead for lead in leads if services.opt_out(lead=lead, now=now())]
        for lead in first:
            self.log_change(request, lead, "Opted out")
        self.message_user(request, f"{len(first)} opted out.", messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: Lead, form: Any, change: bool) -> None:
        """Nothing of the lead itself changes here."""

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """New outcomes and corrected turns, by the services that write them all."""
        if formset.model is Message:
            corrected(formset, by=str(request.user))
            return
        for outcome in formset.save(commit=False):
            services.record_outcome(
                lead=form.instance,
                state=outcome.state,
                occurred_at=outcome.occurred_at,
                user=str(request.user),
                note=outcome.note,
                now=now(),
            )


def _plain(value: object) -> str:
    """yes and no for booleans, no needless decimals."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.15g}"
    return "" if value is None else str(value)
