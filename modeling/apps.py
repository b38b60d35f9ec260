"""App configuration."""

from django.apps import AppConfig


class ModelingConfig(AppConfig):
    """Learning, judging, serving, rolling back."""

    name = "modeling"
