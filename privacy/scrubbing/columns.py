"""Scrubs text in Postgres: every column of every app that is declared with a field of `privacy.fields`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.apps import apps
from django.db import DatabaseError, models, transaction

from privacy.fields import REDACTED, RedactedJSONField
from privacy.kinds import WITHHELD
from privacy.scrubbing.tally import Problem, Tally
from privacy.scrubbing.texts import Judgement
from privacy.scrubbing.values import Judge

BATCH = 500
ROUNDS = 5  # a row that changed while it was judged is judged again so often

# Called after each batch with the table, the last key of it, and what was seen in each column of it.
Saved = Callable[[str, Any, dict[str, Tally]], None]


class Judges:
    """Of texts, and of JSON, which holds words out of texts."""

    def __init__(self, region: str = "US") -> None:
        self.texts = Judge(region=region)
        self.words = Judge(region=region, answers=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A model with its columns of redacted text."""

    model: type[models.Model]
    fields: "tuple[models.Field[Any, Any], ...]"

    @property
    def name(self) -> str:
        """`leads.Outcome`."""
        return self.model._meta.label

    @property
    def rows(self) -> "models.QuerySet[Any]":
        """Every row, whatever the model hides by default."""
        manager: models.Manager[Any] = self.model._base_manager
        return manager.all()


def tables() -> Iterator[Table]:
    """Every table with such columns, in the order of their names."""
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
        fields = tuple(field for field in model._meta.local_concrete_fields if isinstance(field, REDACTED))
        if fields and model._meta.managed and not model._meta.proxy:
            yield Table(model, fields)


def scrub(table: Table, judges: Judges, *, write: bool, after: Any, saved: Saved) -> None:
    """Every row behind the key `after`, or every row; by primary key, so that none is skipped."""
    names = [field.attname for field in table.fields]
    while True:
        rows = table.rows.order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        batch = list(rows.values_list("pk", *names)[:BATCH])
        if not batch:
            return
        seen = {field.name: Tally() for field in table.fields}
        for pk, *values in batch:
            for field, value in zip(table.fields, values, strict=True):
                _cell(table, field, pk, value, judges, seen[field.name], write=write)
        after = batch[-1][0]
        saved(table.name, after, seen)


def _cell(
    table: Table, field: Any, pk: Any, value: Any, judges: Judges, tally: Tally, *, write: bool
) -> None:
    tally.values += 1
    refused = tally.unscrubbable
    for _ in range(ROUNDS):
        judged, safe = _safe(field, value, judges)
        if judged is None:
            return
        if not write or _written(table, field, pk, value, safe, tally):
            tally.changed += 1
            tally.withheld += judged.withheld
            tally.kinds.update(judged.kinds)
            tally.sample(f"{table.name}.{field.name} of {pk}", judged.kinds, judged.shape)
            return
        if tally.unscrubbable > refused:
            return
        left = table.rows.filter(pk=pk).values_list(field.attname)
        if not left:
            return
        [(value,)] = left
    tally.problems[Problem.BUSY] += 1


def _safe(field: Any, value: Any, judges: Judges) -> tuple[Judgement | None, Any]:
    """What may stand in the column instead of a value; None when the value may stay."""
    if value is None or value == "":
        return None, None
    if isinstance(field, RedactedJSONField):
        judged = judges.words.value(orjson.dumps(value))
        return (None, None) if judged.data is None else (judged, orjson.loads(judged.data))
    judged = judges.texts.value(str(value).encode())
    if judged.data is None:
        return None, None
    safe = judged.data.decode()
    if field.max_length and len(safe) > field.max_length:  # a placeholder can be longer than what it replaces
        safe = WITHHELD
    return judged, safe


def _written(table: Table, field: Any, pk: Any, old: Any, new: Any, tally: Tally) -> bool:
    """Compare-and-set; False when the column holds something else by now or Postgres refused."""
    try:
        with transaction.atomic():
            same = table.rows.filter(pk=pk, **{field.attname: old})
            return bool(same.update(**{field.attname: new}))
    except DatabaseError:
        tally.problems[Problem.REFUSED] += 1
        return False
