"""The first admin and API keys. What is secret is told once, by whoever asked for it."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth import get_user_model

from customerops.models import ApiKey

ADMIN = "admin"


def first_admin() -> str | None:
    """Make the superuser `admin` if there is no superuser yet; its password, else None."""
    users = get_user_model()._default_manager
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser(ADMIN, "", password)
    return password


def first_key() -> str | None:
    """Make a key with every scope if there is no key yet; the key, else None."""
    if ApiKey.objects.exists():
        return None
    return create_key(name="first", scopes=ApiKey.Scope.values)


def create_key(*, name: str, scopes: Sequence[str], expires_at: datetime | None = None) -> str:
    """A new key; its text exists in this answer alone."""
    _, key = ApiKey.objects.create_key(name=name, scopes=sorted(set(scopes)), expiry_date=expires_at)
    return str(key)


def replace_key(*, name: str, scopes: Sequence[str]) -> str:
    """A new key that ends the earlier ones of that name."""
    ApiKey.objects.filter(name=name).delete()
    return create_key(name=name, scopes=scopes)


def revoke_key(*, prefix: str) -> bool:
    """Revoke for good; False when no usable key has the prefix."""
    return bool(ApiKey.objects.filter(prefix=prefix, revoked=False).update(revoked=True))
