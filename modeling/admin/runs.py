"""Training runs: start one, watch it, read why it decided."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from modeling import retraining, tasks
from modeling.admin import figures
from modeling.admin.history import History, actor, version_link
from modeling.models import RetrainRun


@admin.register(RetrainRun)
class RetrainRunAdmin(History):
    """The nights and the runs people asked for. The page renews itself while one is open."""

    heading = "Training runs, newest first"
    list_display = ["asked", "by", "stands", "why", "took"]
    list_filter = ["status", "verdict"]
    list_per_page = 50
    ordering = ["-pk"]
    fields = [
        "slot", "by", "stands", "why", "error", "made", "since", "attempts", "requested_at", "started_at",
        "completed_at", "took", "told",
    ]  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """The button."""
        now_view = self.admin_site.admin_view(self.retrain_view)
        return [path("retrain/", now_view, name="modeling_retrainrun_now"), *super().get_urls()]

    def has_retrain_permission(self, request: HttpRequest) -> bool:
        """Whoever may add a run; the form that would add one is not offered."""
        return request.user.has_perm("modeling.add_retrainrun")

    def retrain_view(self, request: HttpRequest) -> HttpResponse:
        """Retrain now."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_retrain_permission(request):
            raise PermissionDenied
        run = retraining.request_by(person=actor(request), now=now())
        if run.status != RetrainRun.Status.QUEUED:
            self.message_user(request, f"{run.slot} is running already.", messages.INFO)
        elif tasks.hand_over(run):
            self.message_user(request, f"{run.slot} waits for a worker.", messages.SUCCESS)
        else:
            said = "The broker cannot be reached; the next check starts the run."
            self.message_user(request, said, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:modeling_retrainrun_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Renewed while a run is open."""
        extra = {"open": _any_open(), "may_retrain": self.has_retrain_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **extra})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Renewed while this run is open."""
        row = self.get_object(request, object_id)
        extra = {"title": "Training run", "open": row is not None and row.status in retraining.OPEN}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    @admin.display(description="run", ordering="pk")
    def asked(self, run: RetrainRun) -> str:
        """What asked for it, and when."""
        return f"{run.slot.partition(':')[0]} {run.requested_at:%Y-%m-%d %H:%M}"

    @admin.display(description="status")
    def stands(self, run: RetrainRun) -> SafeString:
        """A bar while it runs, then what became of it."""
        if run.status not in retraining.OPEN:
            return format_html("{}", f"{run.status}: {run.verdict}" if run.verdict else run.status)
        again = f", attempt {run.attempts}" if run.attempts > 1 else ""
        bar = '<progress max="100" value="{}"></progress> {}{}'
        return format_html(bar, round(run.progress * 100), run.phase, again)

    @admin.display(description="asked by")
    def by(self, run: RetrainRun) -> str:
        """A person, a key or the schedule."""
        return run.trigger

    @admin.display(description="version")
    def made(self, run: RetrainRun) -> SafeString | str:
        """What came of it."""
        return version_link(run.version_id)

    @admin.display(description="why")
    def why(self, run: RetrainRun) -> SafeString:
        """The gate's sentences."""
        return format_html_join("", "<p>{}</p>", ([reason] for reason in run.reasons))

    @admin.display(description="took")
    def took(self, run: RetrainRun) -> str:
        """From the first claim to the verdict."""
        if run.started_at is None or run.completed_at is None:
            return ""
        return f"{(run.completed_at - run.started_at).total_seconds():,.1f} s"

    @admin.display(description="report")
    def told(self, run: RetrainRun) -> str:
        """Rows in and out, features left out, the gate's table."""
        report = run.report
        context = {
            "report": report,
            "known": report.get("rows", {}).get("known"),
            "converted": report.get("rows", {}).get("converted"),
            "dropped": _dropped(report.get("rows", {})),
            "judged": figures.rows(report.get("comparison", {})),
            "rules": reverse("admin:modeling_featurerule_add"),
        }
        return render_to_string("modeling/report.html", context)


def _any_open() -> bool:
    return RetrainRun.objects.filter(status__in=retraining.OPEN).exists()


def _dropped(rows: dict[str, int]) -> dict[str, int]:
    """Why rows were not learned from, in words."""
    kept = {"known", "converted"}
    return {name.replace("_", " "): number for name, number in rows.items() if name not in kept and number}
