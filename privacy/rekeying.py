"""Encrypts anew, with the newest key, what an older one encrypted, so that the older can be taken away."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, Value

from privacy import encryption
from privacy.encryption import EncryptedJSONField, cipher

BATCH = 500
RAW = models.BinaryField()


class Fate(StrEnum):
    """What became of one encrypted value."""

    CURRENT = "current"  # the newest key encrypted it
    CHANGED = "changed"  # it is now; or would be
    BUSY = "busy"  # somebody else wrote it meanwhile, and so with the newest key
    UNREADABLE = "unreadable"  # no key that is listed reads it


@dataclass(frozen=True, slots=True)
class Column:
    """An encrypted column of a table."""

    model: type[models.Model]
    name: str

    @property
    def rows(self) -> "models.QuerySet[Any]":
        """Those that hold something, with the cipher text as `sealed`."""
        sealed = ExpressionWrapper(F(self.name), output_field=RAW)
        filled: models.QuerySet[Any] = self.model._base_manager.filter(**{f"{self.name}__isnull": False})
        rows: models.QuerySet[Any] = filled.annotate(sealed=sealed)
        return rows

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"


def columns() -> Iterator[Column]:
    """Every encrypted column of every app."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedJSONField):
                yield Column(model, field.attname)


def rekey(column: Column, *, write: bool) -> Counter[Fate]:
    """Each value of the column; by primary key, in small transactions, and again as often as one likes."""
    fates: Counter[Fate] = Counter()
    last: Any = None
    while True:
        rows = column.rows.order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        batch = list(rows.values_list("pk", "sealed")[:BATCH])
        if not batch:
            return fates
        with transaction.atomic():
            fates.update(_rekeyed(column, pk, bytes(sealed), write=write) for pk, sealed in batch)
        last = batch[-1][0]


def _rekeyed(column: Column, pk: Any, sealed: bytes, *, write: bool) -> Fate:
    if encryption.is_of_newest_key(sealed):
        return Fate.CURRENT
    try:
        anew = cipher().rotate(sealed)
    except InvalidToken:
        return Fate.UNREADABLE
    if not write:
        return Fate.CHANGED
    same = column.rows.filter(pk=pk, sealed=sealed)  # what somebody wrote meanwhile stays as it is
    return Fate.CHANGED if same.update(**{column.name: Value(anew, output_field=RAW)}) else Fate.BUSY
