"""Model versions and the ledger, with one click back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from modeling import registry
from modeling.admin import figures, quality
from modeling.admin.history import History, actor, version_link
from modeling.models import Deployment, ModelVersion


class ReasonForm(forms.Form):
    """Why the serving version is changed."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.TextInput(attrs={"size": 80, "autofocus": True}),
        help_text="Kept in the ledger for ever. Write it for whoever asks in a year.",
    )


@admin.register(ModelVersion)
class ModelVersionAdmin(History):
    """What serves, how good it is, and the way back."""

    heading = "Model versions, newest first"
    list_display = ["version", "serving", "measured", "learned_from", "verdict", "age", "way_back"]
    list_filter = ["verdict"]
    list_per_page = 50
    ordering = ["-version"]
    actions = ["serve"]
    fields = [
        "version", "serving", "verdict", "why", "judged", "measured", "live", "learned_from", "trained_at",
        "asked", "digest",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        """Without the artifacts, with their place in the ledger."""
        ledger = Deployment.objects.order_by("-pk")
        champion = Subquery(ledger.values("version_id")[:1])
        served = Exists(Deployment.objects.filter(version_id=OuterRef("pk")))
        return ModelVersion.objects.defer("artifact").annotate(champion=champion, served=served)

    def has_deploy_permission(self, request: HttpRequest) -> bool:
        """Changing what serves adds a line to the ledger."""
        return request.user.has_perm("modeling.add_deployment")

    def get_urls(self) -> list[URLPattern]:
        """The page that asks why, and the artifact to take away."""
        view = self.admin_site.admin_view
        return [
            path("<int:version>/serve/", view(self.serve_view), name="modeling_modelversion_serve"),
            path("<int:version>/model.json", view(self.artifact_view), name="modeling_modelversion_artifact"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With the way back at the top, where it is looked for."""
        row = self.get_object(request, object_id)
        extra = {"title": "Model version", "way_back": self.way_back(row) if row else ""}
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def serve_view(self, request: HttpRequest, version: int) -> HttpResponse:
        """Ask for the reason, then roll back, or force what never served."""
        if not self.has_deploy_permission(request):
            raise PermissionDenied
        row: Any = get_object_or_404(self.get_queryset(request), pk=version)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and self._deployed(request, row, form):
            return HttpResponseRedirect(reverse("admin:modeling_modelversion_changelist"))
        title = f"Roll back to version {version}" if row.served else f"Force version {version}"
        context = {**self.admin_site.each_context(request), "title": title, "row": row, "form": form}
        context |= {
            "opts": self.opts,
            "champion": registry.champion(),
            "judged": figures.rows(row.comparison),
        }
        return TemplateResponse(request, "admin/modeling/modelversion/serve.html", context)

    def _deployed(self, request: HttpRequest, row: Any, form: ReasonForm) -> bool:
        reason = form.cleaned_data["reason"]
        try:
            if row.served:
                registry.roll_back(to=row.version, actor=actor(request), reason=reason)
            else:
                registry.force(version=row.version, actor=actor(request), reason=reason)
        except registry.RegistryError as error:
            form.add_error(None, str(error))
            return False
        self.message_user(request, f"Version {row.version} serves; every process follows within seconds.")
        return True

    def artifact_view(self, request: HttpRequest, version: int) -> HttpResponse:
        """The very bytes that were archived."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(ModelVersion, pk=version)
        disposition = f'attachment; filename="model-{version}.json"'
        headers = {"Content-Disposition": disposition}
        return HttpResponse(bytes(row.artifact), content_type="application/json", headers=headers)

    @admin.action(description="Roll back to this version", permissions=["deploy"])
    def serve(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> HttpResponse | None:
        """The page that asks why."""
        chosen = list(versions[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose one version.", messages.ERROR)
            return None
        return HttpResponseRedirect(reverse("admin:modeling_modelversion_serve", args=[chosen[0].version]))

    @admin.display(description="serves")
    def serving(self, row: Any) -> str:
        """Now, once, or never."""
        if row.champion == row.version:
            return "\N{BLACK CIRCLE} now"
        return "before" if row.served else "never"

    @admin.display(description="AUC (95 %)")
    def measured(self, row: ModelVersion) -> str:
        """With its interval, so that nobody celebrates noise."""
        return figures.auc(row.auc, row.comparison.get("candidate", {}))

    @admin.display(description="live AUC")
    def live(self, row: ModelVersion) -> str:
        """On the newest leads that matured, then week by week."""
        newest = row.live_quality.filter(span="recent").first()
        told = "not measured yet" if newest is None else f"{quality.live_auc(newest)}, {newest.leads:,} leads"
        return render_to_string("modeling/live_of_version.html", {"told": told, "plot": quality.plot(row.pk)})

    @admin.display(description="leads", ordering="n_train")
    def learned_from(self, row: ModelVersion) -> str:
        """How many it learned from."""
        return f"{row.n_train:,}"

    @admin.display(description="made by")
    def asked(self, row: ModelVersion) -> str:
        """The run, or the file, it came from."""
        return row.origin

    @admin.display(description="SHA-256")
    def digest(self, row: ModelVersion) -> str:
        """Of the archived bytes."""
        return row.sha256

    @admin.display(description="age")
    def age(self, row: ModelVersion) -> str:
        """Since it was trained."""
        return timesince(row.trained_at, depth=1)

    @admin.display(description="why")
    def why(self, row: ModelVersion) -> SafeString:
        """The gate's sentences."""
        return format_html_join("", "<p>{}</p>", ([reason] for reason in row.reasons))

    @admin.display(description="judged on the same later leads")
    def judged(self, row: ModelVersion) -> str:
        """The gate's table."""
        return render_to_string("modeling/judged.html", {"judged": figures.rows(row.comparison)})

    @admin.display(description="")
    def way_back(self, row: Any) -> SafeString | str:
        """One click, then a reason."""
        if row.champion == row.version:
            return ""
        address = reverse("admin:modeling_modelversion_serve", args=[row.version])
        words = "Roll back" if row.served else "Force"
        return format_html('<a class="button" href="{}">{}</a>', address, words)


@admin.register(Deployment)
class DeploymentAdmin(History):
    """The ledger: what served when, by whom and why."""

    heading = "Deployment ledger, newest first"
    list_display = ["moment", "serves", "kind", "actor", "reason"]
    list_filter = ["kind", "at"]
    search_fields = ["actor", "reason"]
    ordering = ["-pk"]
    fields = ["at", "serves", "kind", "actor", "reason"]

    @admin.display(description="at", ordering="at")
    def moment(self, line: Deployment) -> str:
        """To the second: two may follow each other closely."""
        return f"{line.at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="version")
    def serves(self, line: Deployment) -> SafeString | str:
        """What served from then on."""
        return version_link(line.version_id)
