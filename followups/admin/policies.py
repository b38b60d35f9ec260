"""Policies: write, preview, switch, look at what they do and will do. A change is a new version."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from followups import differences, documents, durations, effect, forecasting, plans, policies, reckoning
from followups.admin import charts, forms
from followups.admin.actors import actor
from followups.admin.editing import Editor
from followups.differences import Change
from followups.models import Policy, PolicyVersion, Switch
from followups.policy import Plan
from followups.reckoning import Figures

LIST = "admin:followups_policy_changelist"


def _counted(figure: str, description: str) -> Callable[..., str]:
    """A column of the list: of the leads that were enrolled in 30 days."""

    @admin.display(description=description)
    def shown(self: Any, row: Any) -> str:
        return f"{getattr(row.figures, figure):,}"

    return shown


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is sent to whom, and whether it helps."""

    list_display = [
        "policy",
        "sends",
        "version",
        "steps",
        "enrolled",
        "held_out",
        "sent",
        "replied",
        "booked",
    ]
    list_display_links = None
    ordering = ["name"]
    actions = None
    show_full_result_count = False
    change_list_template = "followups/policies.html"

    class Media:
        css = {"all": ["leads/admin.css", "followups/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        """The pages behind the buttons."""
        pages = {"switch": self.switch_view, "calendar": self.calendar_view, "versions": self.versions_view}
        wrap = self.admin_site.admin_view
        return [
            path("everything/", wrap(self.everything_view), name="followups_policy_everything"),
            *(
                path(f"<int:policy_id>/{name}/", wrap(view), name=f"followups_policy_{name}")
                for name, view in pages.items()
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        """All."""
        return Policy.objects.all()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was sent stays explained."""
        return False

    def has_switch_permission(self, request: HttpRequest) -> bool:
        """For both switches."""
        return request.user.has_perm("followups.throw_switch")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the switch of everything."""
        extra = {
            "title": "Policies of follow-ups",
            "all_on": policies.all_on(),
            "may_switch": self.has_switch_permission(request),
        }
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the figures of all rows, each kind in one query."""
        listed = super().get_changelist_instance(request)
        rows = list(listed.result_list)
        on, figures = policies.on(), reckoning.figures(now=now())
        newest = PolicyVersion.objects.filter(policy__in=rows).order_by("policy", "-number")
        versions = {version.policy_id: version for version in newest.distinct("policy")}
        read = plans.plans(version.pk for version in versions.values())
        for row in rows:
            row.is_on, row.newest = row.pk in on, versions[row.pk]
            row.plan = read[row.newest.pk]
            row.figures = figures.get(row.pk, Figures())
        listed.result_list = rows
        return listed

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A form that makes a document."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._edited(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The newest version, and what came of it."""
        policy = self._policy(request, int(object_id) if object_id.isdecimal() else 0)
        return self._edited(request, policy)

    def _edited(self, request: HttpRequest, policy: Policy | None) -> HttpResponse:
        may_save = self.has_change_permission(request) if policy else True
        if request.method == "POST" and not may_save:
            raise PermissionDenied
        editor = Editor(request, policy, author=actor(request))
        if saved := editor.saved():
            self._said(request, saved, policy, fresh=editor.fresh)
            return HttpResponseRedirect(reverse("admin:followups_policy_change", args=[saved.policy_id]))
        context = {
            "title": policy.name if policy else "New policy",
            "may_save": may_save,
            **editor.context(),
            **(self._standing(request, policy) if policy else {}),
        }
        return self._page(request, "policy", context, policy)

    def _said(
        self, request: HttpRequest, saved: PolicyVersion, policy: Policy | None, *, fresh: bool
    ) -> None:
        if policy is not None and not fresh:
            said = f"Nothing has changed: version {saved.number} says just that."
        elif policy is None:
            self.log_addition(request, saved.policy, "Written.")
            said = f"{saved.policy} is written and switched off. Look at its preview, then switch it on."
        else:
            self.log_change(request, saved.policy, f"Version {saved.number}.")
            said = f"Version {saved.number} holds for leads that come in from now on."
        self.message_user(request, said, messages.SUCCESS)

    def _standing(self, request: HttpRequest, policy: Policy) -> Mapping[str, Any]:
        figures = reckoning.figures(now=now(), policy=policy).get(policy.pk, Figures())
        measured = reckoning.measured(policy=policy, now=now())
        return {
            "version": policies.newest(policy),
            "is_on": policy.pk in policies.on(),
            "switched": Switch.objects.filter(policy=policy).order_by("-pk").first(),
            "figures": figures,
            "measured": measured,
            "sides": [
                (name, side, _in_words(effect.share(side)))
                for name, side in (
                    ("followed", measured.effect.followed),
                    ("held out", measured.effect.held_out),
                )
            ],
            "may_switch": self.has_switch_permission(request),
        }

    def calendar_view(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """The next 14 days."""
        policy = self._policy(request, policy_id)
        try:
            plan = policies.newest_plan(policy)
        except policies.UnreadableError as error:
            self.message_user(request, f"There is no calendar: {error}.", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:followups_policy_change", args=[policy.pk]))
        found = forecasting.calendar(plan=plan, policy=policy, now=now())
        context = {
            "title": f"The next 14 days of {policy}",
            "calendar": found,
            "numbers": range(1, found.steps + 1),
            "chart": charts.chart(found),
            "rows": [(day, list(zip(day.certain, day.expected, strict=True))) for day in found.days],
            "is_on": policy.pk in policies.on(),
        }
        return self._page(request, "calendar", context, policy)

    def versions_view(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """Who changed what."""
        policy = self._policy(request, policy_id)
        versions = list(PolicyVersion.objects.filter(policy=policy).order_by("-number"))
        read = plans.plans(version.pk for version in versions)
        before = [*versions[1:], None]
        told = [
            (version, read[version.pk] is not None, _changed(version, earlier, read))
            for version, earlier in zip(versions, before, strict=True)
        ]
        switches = Switch.objects.filter(policy=policy).order_by("-pk")[:50]
        context = {"title": f"History of {policy}", "versions": told, "switches": switches}
        return self._page(request, "versions", context, policy)

    def switch_view(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """Ask why, then start or stop it."""
        policy = self._policy(request, policy_id)
        return self._switched(request, policy, on=policy.pk not in policies.on())

    def everything_view(self, request: HttpRequest) -> HttpResponse:
        """Ask why, then start or stop everything."""
        return self._switched(request, None, on=not policies.all_on())

    def _switched(self, request: HttpRequest, policy: Policy | None, *, on: bool) -> HttpResponse:
        if not self.has_switch_permission(request):
            raise PermissionDenied
        form = forms.ReasonForm(request.POST or None)
        # what the page showed, so that two people who press it mean the same
        wanted = request.POST.get("on", str(on)) == "True"
        if request.method == "POST" and form.is_valid():
            if wanted == on:
                reason = form.cleaned_data["reason"]
                policies.throw_switch(policy=policy, on=on, actor=actor(request), reason=reason, now=now())
            said = f"{policy or 'Sending'} is switched {'on' if wanted else 'off'}; it acts within seconds."
            self.message_user(request, said, messages.SUCCESS if wanted else messages.WARNING)
            return HttpResponseRedirect(
                reverse("admin:followups_policy_change", args=[policy.pk]) if policy else reverse(LIST)
            )
        title = f"Switch {policy or 'all sending'} {'on' if on else 'off'}"
        return self._page(request, "switch", {"title": title, "form": form, "on": on}, policy)

    def _policy(self, request: HttpRequest, policy_id: int) -> Policy:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Policy, pk=policy_id)

    def _page(
        self, request: HttpRequest, name: str, context: Mapping[str, Any], policy: Policy | None
    ) -> HttpResponse:
        common = {**self.admin_site.each_context(request), "opts": self.opts, "policy": policy}
        page = {**common, "media": self.media, "all_on": policies.all_on(), **context}
        return TemplateResponse(request, f"followups/{name}.html", page)

    @admin.display(description="policy", ordering="name")
    def policy(self, row: Policy) -> SafeString:
        """A way to its page."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:followups_policy_change", args=[row.pk]), row
        )

    @admin.display(description="sends")
    def sends(self, row: Any) -> SafeString:
        """Its own switch."""
        return format_html(
            '<span class="state {}">{}</span>', *(("on", "on") if row.is_on else ("off", "off"))
        )

    @admin.display(description="version")
    def version(self, row: Any) -> int:
        """The newest."""
        return int(row.newest.number)

    @admin.display(description="steps")
    def steps(self, row: Any) -> str:
        """30m, 2h, 1d."""
        if row.plan is None:
            return "cannot be read"
        return ", ".join(durations.spelled(step.after) for step in row.plan.steps)

    enrolled = _counted("enrolled", "enrolled in 30 days")
    held_out = _counted("held_out", "held out")
    sent = _counted("sent", "messages sent")
    replied = _counted("replied", "replied")
    booked = _counted("booked", "booked")


def _changed(
    version: PolicyVersion, earlier: PolicyVersion | None, read: Mapping[int, Plan | None]
) -> Sequence[Change] | None:
    """None where there is nothing that it could be compared with."""
    now_says, said = read[version.pk], read[earlier.pk] if earlier else None
    if now_says is None or said is None:
        return None
    return differences.changes(documents.written(said), documents.written(now_says))


def _in_words(share: effect.Interval | None) -> str:
    return f"{share.value:.1%} (95 %: {share.low:.1%} to {share.high:.1%})" if share else ""
