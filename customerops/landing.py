"""The page at `/`: where a newcomer finds the doors, and sees how the loop stands."""

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from modeling import registry
from modeling.models import Deployment, RetrainRun


def landing(request: HttpRequest) -> HttpResponse:
    """GET /. While Postgres is away the links are still there."""
    try:
        loop = _loop()
    except (DatabaseError, InterfaceError):
        loop = None
    return render(request, "customerops/landing.html", {"loop": loop})


def _loop() -> dict[str, Deployment | RetrainRun | None]:
    return {
        "champion": registry.champion(),
        "run": RetrainRun.objects.defer("report").order_by("-requested_at").first(),
    }
