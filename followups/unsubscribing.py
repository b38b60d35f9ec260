"""Links by which a person unsubscribes. They tell nobody whose they are, and cannot be made up.

A token is the lead's id under AES-SIV (RFC 5297) with a key made of SECRET_KEY: a lead has one link, however
many messages it got, and keys in SECRET_KEY_FALLBACKS still open the links of earlier ones.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from leads import opting_out

log = structlog.get_logger(__name__)
PURPOSE = b"followups.unsubscribing"
LENGTH = 43  # characters of a token: 16 bytes of an id and 16 of its seal


def url_for(lead: UUID) -> str:
    """The link that goes into a message; empty while PUBLIC_URL is not set."""
    return f"{settings.PUBLIC_URL}/unsubscribe/{token_for(lead)}" if settings.PUBLIC_URL else ""


def token_for(lead: UUID) -> str:
    """The last part of the link."""
    sealed = _cipher(settings.SECRET_KEY).encrypt(lead.bytes, [PURPOSE])
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def lead_of(token: str) -> UUID | None:
    """Whose link it is; None for one that is none of ours."""
    if len(token) != LENGTH:
        return None
    try:
        sealed = urlsafe_b64decode(f"{token}=")
    except (binascii.Error, ValueError):
        return None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return UUID(bytes=_cipher(key).decrypt(sealed, [PURPOSE]))
        except InvalidTag:
            continue
    return None


def unsubscribe(*, lead: UUID, now: datetime) -> None:
    """No lead of this person hears from us again. Once is enough, and one that is gone is no fault."""
    if changed := opting_out.everywhere(lead=lead, now=now):
        log.info("unsubscribed", lead=str(lead), leads=changed)


@lru_cache(maxsize=16)
def _cipher(secret: str) -> AESSIV:
    return AESSIV(hmac.digest(secret.encode(), PURPOSE, "sha512"))
