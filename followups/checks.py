"""System checks of what it takes to write to people; each names what to change."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.http.request import validate_host

LOCAL = {"localhost", "127.0.0.1", "::1"}


@register(Tags.security)
def mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E-mail that is half set up, or tells its password to everybody on the way."""
    found: list[CheckMessage] = []
    wanted = {"FOLLOWUP_FROM": settings.FOLLOWUP_FROM, "PUBLIC_URL": settings.PUBLIC_URL}
    if settings.EMAIL_HOST and (missing := [name for name, value in wanted.items() if not value]):
        found.append(
            Warning(
                f"EMAIL_URL is set, and {' and '.join(missing)} is not.",
                hint="No e-mail is sent without: it says who writes, and how to unsubscribe.",
                id="followups.W001",
            )
        )
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.EMAIL_HOST_PASSWORD and not encrypted and settings.EMAIL_HOST not in LOCAL:
        found.append(
            Warning(
                "EMAIL_URL sends a password in the clear.",
                hint="Start it with smtp+tls:// or smtps://.",
                id="followups.W002",
            )
        )
    return found


@register(Tags.security)
def links(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A link in an e-mail that this server would refuse."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    if not host or validate_host(host, settings.ALLOWED_HOSTS):
        return []
    return [
        Warning(
            "PUBLIC_URL names a host that ALLOWED_HOSTS does not.",
            hint="Whoever follows a link to unsubscribe would be refused: add the host to ALLOWED_HOSTS.",
            id="followups.W003",
        )
    ]
