"""The signature of a scrub: who changes a figure of its row without SECRET_KEY is found out."""

from typing import Any

import orjson
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from privacy.models import ScrubRun

PURPOSE = "privacy.scrubbing.certificate"
UNSIGNED = ("id", "signature")


def payload(run: ScrubRun) -> bytes:
    """What is signed: every other field of the row, as canonical JSON."""
    fields = [field.attname for field in ScrubRun._meta.concrete_fields if field.attname not in UNSIGNED]
    content = {name: _plain(getattr(run, name)) for name in fields}
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def sign(run: ScrubRun) -> str:
    """HMAC-SHA256 with a key derived from SECRET_KEY for this purpose alone."""
    return _signature(payload(run), settings.SECRET_KEY)


def holds(run: ScrubRun) -> bool:
    """Whether the row is as it was signed, by the present key or one of SECRET_KEY_FALLBACKS."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    content = payload(run)
    return any(constant_time_compare(_signature(content, key), run.signature) for key in keys)


def _signature(content: bytes, key: str | bytes) -> str:
    return salted_hmac(PURPOSE, content, secret=key, algorithm="sha256").hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if hasattr(value, "isoformat") else value
