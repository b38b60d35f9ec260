"""App configuration."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Encryption of contact details."""

    name = "privacy"
