"""App configuration."""

from django.apps import AppConfig


class ModelingConfig(AppConfig):
    """Learning, judging, serving, rolling back."""

    name = "modeling"
    verbose_name = "Model"

    def ready(self) -> None:
        """Register the system checks."""
        from modeling import checks  # noqa: F401, PLC0415 - importing registers them
