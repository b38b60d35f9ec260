"""The admin as a whole: what people come for first, and how the loop stands on top."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.timezone import now

from customerops.alerts.files import limits
from customerops.health import findings
from customerops.landing import standing
from customerops.metrics import exposition
from customerops.operations import State, groups, in_state
from followups.policies import all_on

ORDER = ["leads", "followups", "modeling", "privacy", "customerops", "django_celery_beat", "auth"]


class Site(admin.AdminSite):
    """Django's admin under our name."""

    site_title = site_header = "CustomerOps"
    index_title = "How the loop stands"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """With the serving version and the latest run."""
        return super().index(request, {**standing(), "all_on": all_on(), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """And the page for whoever is on call."""
        page = path("operations/", self.admin_view(self.operations), name="operations")
        return [page, *super().get_urls()]

    def operations(self, request: HttpRequest) -> TemplateResponse:
        """The facts of the dashboards, for those without them. Nothing in it is personal."""
        text, moment = exposition().decode(), now()
        page = groups(text, now=moment, limits=limits(), findings=findings())
        context = {
            **self.each_context(request),
            "title": "Operations",
            "moment": moment,
            "groups": page,
            "wrong": list(in_state(page, State.WRONG)),
            "all_told": "customerops_collector_up 1.0" in text,
        }
        return TemplateResponse(request, "admin/operations.html", context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Leads before accounts."""
        found = super().get_app_list(request, app_label)
        place = {name: number for number, name in enumerate(ORDER)}
        return sorted(found, key=lambda app: place.get(app["app_label"], len(ORDER)))
