"""What follow-ups add to a lead's page: each step with its reason, a stop button, and enrolling by hand."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now

from followups import enrolling, outside, policies, standing, stopping
from followups.admin.actors import actor
from followups.admin.forms import ReasonForm
from followups.calendar import zone
from followups.models import Enrolment, Policy
from leads.models import Lead

STOP = "leads.change_lead"  # as for opting out
MOST_CHOSEN = 1000


class EnrolForm(forms.Form):
    """Into which policy."""

    policy = forms.ModelChoiceField(
        queryset=Policy.objects.none(),
        help_text="Policies that are switched on. Its first step counts from now.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on = Policy.objects.filter(pk__in=policies.on()).order_by("name")
        self.fields["policy"].queryset = on  # type: ignore[attr-defined]


class Followed:
    """For the admin of leads, to inherit from beside it."""

    def get_urls(self: Any) -> list[URLPattern]:
        """The page that asks why."""
        view = self.admin_site.admin_view(self.stop_view)
        return [path("<uuid:lead_id>/stop/", view, name="leads_lead_stop"), *super().get_urls()]  # type: ignore[misc]

    def get_fieldsets(self: Any, request: HttpRequest, obj: Lead | None = None) -> Any:
        """After the score and the lead."""
        first, second, *rest = super().get_fieldsets(request, obj)  # type: ignore[misc]
        return [first, second, ("Follow-ups", {"fields": ["followups"]}), *rest]

    def has_enrol_permission(self: Any, request: HttpRequest) -> bool:
        """Enrolling sends messages, so whoever may switch policies may."""
        return bool(request.user.has_perm("followups.throw_switch"))

    @admin.display(description="steps")
    def followups(self, lead: Lead) -> str:
        """What was sent and what was not, and why."""
        moment = now()
        rows = [(row, _local(row.at, lead.timezone)) for row in standing.of_lead(lead.pk, now=moment)]
        stops = Enrolment.objects.filter(lead=lead, stopped_at__isnull=False).select_related("policy")
        context = {
            "rows": rows,
            "zone": lead.timezone,
            "all_on": policies.all_on(),
            "stops": stops,
            "outside": outside.of_lead(lead.pk, now=moment),
        }
        return render_to_string("followups/of_lead.html", context)

    def stop_view(self: Any, request: HttpRequest, lead_id: UUID) -> HttpResponse:
        """Ask why, then nothing more is sent."""
        if not (request.user.has_perm(STOP) and self.has_view_permission(request)):
            raise PermissionDenied
        lead = get_object_or_404(Lead.objects.defer("contact"), pk=lead_id)
        form = ReasonForm(request.POST or None)
        back = reverse("admin:leads_lead_change", args=[lead_id])
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            stopped = stopping.stop(lead=lead_id, actor=actor(request), reason=reason, now=now())
            if stopped:
                self.log_change(request, lead, "Stopped its follow-ups.")
            said = "No more follow-ups go to this lead." if stopped else "There was nothing to stop."
            self.message_user(request, said, messages.SUCCESS if stopped else messages.INFO)
            return HttpResponseRedirect(back)
        context = {"title": "Stop follow-ups for this lead", "lead": lead, "form": form, "opts": self.opts}
        page = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, "followups/stop.html", page)

    @admin.action(description="Enrol in a policy …", permissions=["enrol"])
    def enrol(self: Any, request: HttpRequest, leads: QuerySet[Lead]) -> HttpResponse | None:
        """Asks which, then enrols those that the policy means."""
        chosen = list(leads.order_by("pk").values_list("pk", flat=True)[: MOST_CHOSEN + 1])
        if len(chosen) > MOST_CHOSEN:
            said = f"Choose {MOST_CHOSEN:,} leads at most; manage.py enroll_leads takes any number."
            self.message_user(request, said, messages.ERROR)
            return None
        form = EnrolForm(request.POST if "enrol" in request.POST else None)
        if form.is_valid():
            self._enrolled(request, form.cleaned_data["policy"], chosen)
            return None
        context = {"title": f"Enrol {len(chosen):,} leads", "chosen": chosen, "form": form, "opts": self.opts}
        page = {**self.admin_site.each_context(request), **context}
        return TemplateResponse(request, "followups/enrol.html", page)

    def _enrolled(self: Any, request: HttpRequest, policy: Policy, chosen: list[UUID]) -> None:
        try:
            asked = enrolling.enrol_chosen(chosen, policy=policy, actor=actor(request), now=now())
        except policies.PolicyError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        said = f"{asked.enrolled:,} of {asked.chosen:,} enrolled in {policy}, {asked.held_out:,} held out."
        if asked.enrolled < asked.chosen:
            said += (
                " The others are not meant by the policy, ended, opted out, were enrolled before, or their"
                " person is followed up under another lead."
            )
        self.message_user(request, said, messages.SUCCESS if asked.enrolled else messages.WARNING)


def _local(moment: datetime | None, zone_name: str) -> datetime | None:
    return moment.astimezone(zone(zone_name)) if moment else None
