"""Contact details at rest: encrypted with the newest key, readable with every key that is still listed."""

from functools import lru_cache

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class UnreadableContact(Exception):
    """The stored contact was encrypted with a key that is no longer in CONTACT_ENCRYPTION_KEYS."""


def cipher() -> MultiFernet:
    """Encrypts with the first key of `CONTACT_ENCRYPTION_KEYS`, decrypts with any of them."""
    keys = settings.CONTACT_ENCRYPTION_KEYS
    if not keys:
        raise ImproperlyConfigured("CONTACT_ENCRYPTION_KEYS is empty: contact details cannot be stored")
    return _cipher(tuple(keys))


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def opened(value: bytes) -> dict[str, str]:
    """What was encrypted. Raises UnreadableContact."""
    try:
        return dict(orjson.loads(cipher().decrypt(bytes(value))))
    except InvalidToken as error:
        raise UnreadableContact("no key in CONTACT_ENCRYPTION_KEYS reads this contact") from error


def is_of_newest_key(value: bytes) -> bool:
    """Whether the first key of `CONTACT_ENCRYPTION_KEYS` reads it."""
    try:
        Fernet(settings.CONTACT_ENCRYPTION_KEYS[0]).decrypt(value)
    except InvalidToken:
        return False
    return True


class EncryptedJSONField(models.BinaryField):  # type: ignore[type-arg]
    """A small JSON object, encrypted in the database and plain in Python. It cannot be searched."""

    def get_prep_value(self, value: dict[str, str] | None) -> bytes | None:
        """Encrypt on the way in."""
        return None if not value else cipher().encrypt(orjson.dumps(value))

    def from_db_value(
        self, value: bytes | None, expression: object, connection: BaseDatabaseWrapper
    ) -> dict[str, str] | None:
        """Decrypt on the way out."""
        return None if value is None else opened(value)

    def value_to_string(self, obj: models.Model) -> str:
        """Serialised dumps never carry the plain contact."""
        return ""
