"""App configuration."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Encryption of contact details, redaction of free text."""

    name = "privacy"
