"""The ledger of both switches, to be read."""

from django.contrib import admin

from followups.models import Switch
from privacy.admin.reading import Record


@admin.register(Switch)
class SwitchAdmin(Record):
    """Who started and stopped what, when and why."""

    heading = "Switches, newest first"
    list_display = ["at", "which", "on", "actor", "reason"]
    list_filter = ["on", "at"]
    list_select_related = ["policy"]
    ordering = ["-pk"]
    fields = ["at", "which", "on", "actor", "reason"]

    @admin.display(description="switch of")
    def which(self, line: Switch) -> str:
        """A policy, or all of them."""
        return line.policy.name if line.policy else "everything"
