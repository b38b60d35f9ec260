"""App configuration."""

from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    """Policies, who is followed up, and what became of each step."""

    name = "followups"
    verbose_name = "Follow-ups"

    def ready(self) -> None:
        """Register system checks."""
        from followups import checks  # noqa: F401, PLC0415 - importing registers them
