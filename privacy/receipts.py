"""Receipts of erasures: signed, so that a row or a copy can be believed, and told the same everywhere."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.apps import apps

from privacy import digests
from privacy.models import Erasure

PURPOSE = "receipt"


def sign(erasure: Erasure) -> None:
    """Anew after each change; it is not saved here."""
    erasure.signature = digests.sealed(PURPOSE, _content(erasure))


def is_genuine(erasure: Erasure) -> bool:
    """Whether nobody changed the row by hand."""
    return digests.is_sealed(erasure.signature, PURPOSE, _content(erasure))


def told(erasure: Erasure) -> dict[str, Any]:
    """As every door answers it."""
    return {
        "receipt": erasure.pk,
        "erased_at": erasure.at,
        "trigger": str(erasure.trigger),
        "actor": erasure.actor,
        "reason": erasure.reason,
        "subject": {"name": str(erasure.subject_name), "digest": erasure.subject_digest},
        "leads": erasure.leads,
        "rows": erasure.rows,
        "redis": {"keys": erasure.redis_keys, "pending": erasure.redis_keys is None},
        "model_versions": erasure.model_versions,
        "signature": erasure.signature,
    }


def in_words(rows: Mapping[str, int]) -> dict[str, int]:
    """Rows by what people call them, the most first, instead of by table."""
    names = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in apps.get_models()}
    return {names.get(table, table): count for table, count in sorted(rows.items(), key=lambda row: -row[1])}


def _content(erasure: Erasure) -> bytes:
    signed = told(erasure)
    del signed["signature"], signed["reason"]  # a scrub may find more in the reason than was found then
    # UTC, whatever the session's zone was when the row was read
    return orjson.dumps(signed, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
