"""Which processes serve which version."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from modeling import fleet
from modeling.admin.history import History
from modeling.models import ServingProcess


@admin.register(ServingProcess)
class ServingProcessAdmin(History):
    """By each process's own word, a few seconds old at most."""

    heading = "Processes that serve now"
    list_display = ["role", "host", "pid", "version", "since", "seen_at"]
    ordering = ["role", "host", "pid"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServingProcess]:
        """Those that are alive."""
        return fleet.alive()
