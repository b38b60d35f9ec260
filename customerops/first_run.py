"""What a new database needs before anybody can use it: somebody who may log in, and a key."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils.timezone import now

from customerops.models import ApiKey

ADMIN = "admin"
FIRST_KEY = "first key"
DEMO_KEY = "demo trickle"
DEMO_KEY_LIVES = timedelta(days=30)


@dataclass(frozen=True)
class Credentials:
    """What was made just now, to be shown once; None for what was there already."""

    password: str | None
    key: str | None


def make_missing() -> Credentials:
    """An administrator and a key with every scope, each only when there is none of its kind at all."""
    users = get_user_model()._default_manager
    password = None
    if not users.filter(is_superuser=True).exists():
        password = secrets.token_urlsafe(12)
        users.create_superuser(ADMIN, password=password)
    key = None
    if not ApiKey.objects.exclude(name=DEMO_KEY).exists():
        _, key = ApiKey.objects.create_key(name=FIRST_KEY, scopes=ApiKey.Scope.values)
    return Credentials(password=password, key=key)


def new_demo_key() -> str:
    """A key for the demo's leads; the one of the last start ends, since nobody knows it any more."""
    ApiKey.objects.filter(name=DEMO_KEY).delete()
    _, key = ApiKey.objects.create_key(
        name=DEMO_KEY, scopes=[ApiKey.Scope.WRITE], expiry_date=now() + DEMO_KEY_LIVES
    )
    return key
