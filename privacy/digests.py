"""Names of a person as keyed digests: they can be found again by whoever has the key, and read by nobody.

Normalising is part of the digest: a rule that changed would lose everybody who was digested before.
"""

import hmac
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SIZE = 16  # 128 bits of HMAC-SHA256, kept as a uuid: the smallest indexed type of Postgres they fit in


class Name(StrEnum):
    """What a person is known by."""

    LEAD = "lead"
    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    PHONE = "phone"


def digest(name: Name, value: str) -> UUID | None:
    """The digest to store; None when nothing is left of the value."""
    return next(iter(digests(name, value)), None)


def digests(name: Name, value: str) -> list[UUID]:
    """With every listed key, the first key's first: what was stored with any of them is found."""
    normal = normalised(name, value)
    message = f"{name}\0{normal}".encode()
    return [UUID(bytes=hmac.digest(key, message, "sha256")[:SIZE]) for key in _keys()] if normal else []


def named(*, external_id: str | None, contact: Mapping[str, str] | None) -> dict[str, object]:
    """Columns of a new lead: the digests that stay beside its contact, and all it may have been erased by."""
    given = contact or {}
    email, phone = (digests(name, given.get(name, "")) for name in (Name.EMAIL, Name.PHONE))
    return {
        "email_digest": next(iter(email), None),
        "phone_digest": next(iter(phone), None),
        "digests": [*digests(Name.EXTERNAL_ID, external_id or ""), *email, *phone],
    }


def normalised(name: Name, value: str) -> str:
    """The spelling that all spellings of a value share.

    A number without a country code stays one: it could be anybody's in another country.

    >>> normalised(Name.EMAIL, " Ada@Example.ORG"), normalised(Name.PHONE, "0049 (0)731-123 45 67")
    ('ada@example.org', '+497311234567')
    """
    if name in (Name.LEAD, Name.EXTERNAL_ID):
        return value
    plain = unicodedata.normalize("NFKC", value).strip()
    return plain.casefold() if name is Name.EMAIL else _number(plain)


def opaque(purpose: str, value: str) -> list[UUID]:
    """Stand for an id of a caller's that need not be read again; by every listed key, the first's first."""
    message = f"opaque\0{purpose}\0{value}".encode()
    return [UUID(bytes=hmac.digest(key, message, "sha256")[:SIZE]) for key in _keys()]


def sealed(purpose: str, content: bytes) -> str:
    """A signature, with the first key."""
    return _seal(_keys()[0], purpose, content)


def is_sealed(seal: str, purpose: str, content: bytes) -> bool:
    """Whether the signature is one of ours, made with any key that is still listed."""
    return any(hmac.compare_digest(seal, _seal(key, purpose, content)) for key in _keys())


def _seal(key: bytes, purpose: str, content: bytes) -> str:
    return hmac.digest(key, f"seal\0{purpose}\0".encode() + content, "sha256").hex()


def _number(text: str) -> str:
    digits = _digits(text)
    if text.startswith("+") or digits.startswith("00"):
        international = _digits(text.replace("(0)", "")).lstrip("0")
        return f"+{international}" if international else ""
    return digits


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")


def _keys() -> list[bytes]:
    if not settings.SUBJECT_KEYS:
        raise ImproperlyConfigured("SUBJECT_KEYS is empty: nobody could be found again, nor erased")
    return [key.encode() for key in settings.SUBJECT_KEYS]
