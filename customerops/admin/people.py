"""The lead's page, with what its person may ask for: erasure, their data, and what stands in the way."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now

from customerops import erasing, exporting, holding
from customerops.api.json import dumps
from followups.admin.leads import STOP, Followed
from leads import retention
from leads.models import Lead
from leads.people import Subject
from modeling.admin.history import actor
from modeling.admin.leads import ScoredLeadAdmin
from privacy import holds
from privacy.receipts import in_words

admin.site.unregister(Lead)

PERMISSIONS = {
    "erase": "privacy.erase_subject",
    "hold": "privacy.place_hold",
    "release": "privacy.lift_hold",
    "export": "privacy.export_subject",
    "stop": STOP,
}


class ReasonForm(forms.Form):
    """Why. What is personal in it is not stored."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.TextInput(attrs={"size": 80, "autofocus": True}),
        help_text="Kept without names and numbers of people. Write it for whoever asks in a year.",
    )


class NoReason(forms.Form):
    """A question that is answered by its button."""


@admin.register(Lead)
class PersonAdmin(Followed, ScoredLeadAdmin):
    """Each button is there for those who may press it, and asks why first."""

    change_form_template = "customerops/person.html"
    actions = [*ScoredLeadAdmin.actions, "enrol", "erase"]

    class Media:
        css = {"all": ["followups/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        """The pages behind the buttons."""
        pages = {"erase": self.erase_view, "hold": self.hold_view, "release": self.release_view}
        pages["export"] = self.export_view
        return [
            *(
                path(f"<uuid:lead_id>/{name}/", self.admin_site.admin_view(view), name=f"leads_lead_{name}")
                for name, view in pages.items()
            ),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Lead | None = None) -> Any:
        """How long it stays, at the end."""
        return [*super().get_fieldsets(request, obj), ("Kept", {"fields": ["legal_hold", "kept_until"]})]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With the buttons."""
        buttons = {name: request.user.has_perm(permission) for name, permission in PERMISSIONS.items()}
        held = bool(_hold_of(object_id))
        buttons |= {"hold": buttons["hold"] and not held, "release": buttons["release"] and held}
        extra = {"buttons": buttons, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra)

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """For the action."""
        return request.user.has_perm(PERMISSIONS["erase"])

    @admin.action(description="Erase this lead …", permissions=["erase"])
    def erase(self, request: HttpRequest, leads: QuerySet[Lead]) -> HttpResponse | None:
        """The page that asks why."""
        chosen = list(leads[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose one lead.", messages.ERROR)
            return None
        return HttpResponseRedirect(reverse("admin:leads_lead_erase", args=[chosen[0].pk]))

    def erase_view(self, request: HttpRequest, lead_id: UUID) -> HttpResponse:
        """What would go, why, and then it is gone."""

        def done(reason: str) -> HttpResponse:
            erased = erasing.erase(
                subject=Subject.lead(lead_id), actor=actor(request), reason=reason, now=now()
            )
            receipt = erased.receipt
            self.message_user(request, f"Erased. Receipt {receipt.pk}.", messages.SUCCESS)
            if receipt.redis_keys is None:
                said = "Redis is away; what it remembers goes within minutes of its return."
                self.message_user(request, said, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:leads_lead_changelist"))

        return self._asked(request, lead_id, "erase", "Erase this lead for good", done)

    def hold_view(self, request: HttpRequest, lead_id: UUID) -> HttpResponse:
        """Why it has to be kept."""

        def done(reason: str) -> HttpResponse:
            holding.place(subject=Subject.lead(lead_id), reason=reason, actor=actor(request), now=now())
            self._note(request, lead_id, "Placed a legal hold.")
            return self._back(request, lead_id, "Held: nothing erases it until the hold is lifted.")

        return self._asked(request, lead_id, "hold", "Place a legal hold", done)

    def release_view(self, request: HttpRequest, lead_id: UUID) -> HttpResponse:
        """What may happen from then on."""

        def done(reason: str) -> HttpResponse:
            holding.lift(subject=Subject.lead(lead_id), actor=actor(request), now=now())
            self._note(request, lead_id, "Lifted the legal hold.")
            return self._back(request, lead_id, "The lead may be erased again.")

        return self._asked(request, lead_id, "release", "Lift the legal hold", done)

    def export_view(self, request: HttpRequest, lead_id: UUID) -> HttpResponse:
        """The same document as the API's."""
        self._require(request, "export", lead_id)
        content = dumps(exporting.export(subject=Subject.lead(lead_id), actor=actor(request), now=now()))
        self._note(request, lead_id, "Downloaded the data.")
        disposition = f'attachment; filename="lead-{lead_id}.json"'
        headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
        return HttpResponse(content, content_type="application/json", headers=headers)

    def _require(self, request: HttpRequest, what: str, lead_id: UUID) -> Lead:
        if not (request.user.has_perm(PERMISSIONS[what]) and self.has_view_permission(request)):
            raise PermissionDenied
        return get_object_or_404(Lead.objects.defer("contact"), pk=lead_id)

    def _note(self, request: HttpRequest, lead_id: UUID, done: str) -> None:
        """In the lead's history, which goes with it."""
        self.log_change(request, Lead.objects.defer("contact").get(pk=lead_id), done)

    def _back(self, request: HttpRequest, lead_id: UUID, said: str) -> HttpResponse:
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:leads_lead_change", args=[lead_id]))

    def _asked(
        self, request: HttpRequest, lead_id: UUID, what: str, title: str, done: Callable[[str], HttpResponse]
    ) -> HttpResponse:
        """A page that tells what would happen and asks why."""
        lead = self._require(request, what, lead_id)
        asks = NoReason if what == "release" else ReasonForm
        form = asks(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                return done(form.cleaned_data.get("reason", ""))
            except (erasing.NobodyFound, erasing.ErasedBefore) as gone:
                raise Http404 from gone
            except holds.HeldError as held:
                form.add_error(None, f"Nothing was erased: {held}")
            except holds.HoldError as error:
                form.add_error(None, str(error))
        plan = erasing.plan(subject=Subject.lead(lead_id)) if what == "erase" else None
        context = {
            "title": title, "lead": lead, "form": form, "what": what, "plan": plan, "opts": self.opts,
            "rows": in_words(plan.rows) if plan else {}, "held": _hold_of(str(lead_id)),
        }  # fmt: skip
        page = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, "customerops/person_asked.html", page)

    @admin.display(description="legal hold")
    def legal_hold(self, lead: Lead) -> str:
        """Why it must not be erased."""
        found = _hold_of(str(lead.pk))
        return str(holds.HeldError([found])) if found else "none"

    @admin.display(description="kept until")
    def kept_until(self, lead: Lead) -> str:
        """Should nothing more happen."""
        until = retention.kept_until(lead=lead)
        told = [f"{name}: {moment:%Y-%m-%d}" for name, moment in until.items() if moment]
        return ", ".join(told) or "for as long as it is open, or for ever"


def _hold_of(lead_id: str) -> Any:
    try:
        lead = UUID(lead_id)
    except ValueError:
        return None
    return holds.of([lead]).get(lead)
