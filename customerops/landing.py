"""The page at `/`: where a newcomer finds the doors, and sees how the loop stands."""

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from modeling import registry
from modeling.models import Deployment, RetrainRun


def landing(request: HttpRequest) -> HttpResponse:
    """GET /. While Postgres is away the links are still there."""
    context: dict[str, Deployment | RetrainRun | bool | None]
    try:
        context = {**standing()}
    except (DatabaseError, InterfaceError):
        context = {"away": True}
    return render(request, "customerops/landing.html", context)


def standing() -> dict[str, Deployment | RetrainRun | None]:
    """For customerops/standing.html. Raises DatabaseError."""
    newest = RetrainRun.objects.defer("report").order_by("-requested_at")
    return {"champion": registry.champion(), "run": newest.first()}
