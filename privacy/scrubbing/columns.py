"""Scrubs text in Postgres: every column of every app that is declared with a field of `privacy.fields`."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.apps import apps
from django.db import DatabaseError, models, transaction

from privacy.context import Context
from privacy.fields import JUDGED, REDACTED, JudgedValuesField, RedactedJSONField
from privacy.kinds import WITHHELD
from privacy.scrubbing.tally import Problem, Tally, shape
from privacy.scrubbing.texts import Judgement
from privacy.scrubbing.values import Judge
from privacy.values import judged

BATCH = 500
ROUNDS = 5  # a row that changed while it was judged is judged again so often

# Called after each batch with the table, the last key of it, and what was seen in each column of it.
Saved = Callable[[str, Any, dict[str, Tally]], None]


class Judges:
    """Of texts, of JSON, which holds words out of texts, and of named values."""

    def __init__(self, region: str = "US") -> None:
        self.texts = Judge(region=region)
        self.words = Judge(region=region, answers=False)
        self.person = Context(region=region)


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
        judgement, safe = _safe(field, value, judges)
        if judgement is None:
            return
        if not write or _written(table, field, pk, value, safe, tally):
            tally.changed += 1
            tally.withheld += judgement.withheld
            tally.kinds.update(judgement.kinds)
            tally.sample(f"{table.name}.{field.name} of {pk}", judgement.kinds, judgement.shape)
            return
        if tally.unscrubbable > refused:
            return
        left = table.rows.filter(pk=pk).values_list(field.attname)
        if not left:
            return
        [(value,)] = left
    tally.problems[Problem.BUSY] += 1


def _judged(field: Any, value: Any, person: Context) -> tuple[Judgement | None, Any]:
    """Values that models learn from: only what is personal in them may change."""
    given = value if isinstance(field, JudgedValuesField) else {field.name: value}
    found = judged(given, person=person)
    if found.values is given:
        return None, None
    safe = dict(found.values)
    kinds = Counter({str(kind): times for kind, times in found.kinds.items()})
    changed = next((str(given[name]) for name in given if safe.get(name) != given[name]), "")
    judgement = Judgement(None, kinds, len(found.reasons), None, shape(changed))
    return judgement, safe if isinstance(field, JudgedValuesField) else safe[field.name]


def _safe(field: Any, value: Any, judges: Judges) -> tuple[Judgement | None, Any]:
    """What may stand in the column instead of a value; None when the value may stay."""
    if value is None or value == "":
        return None, None
    if isinstance(field, JUDGED):
        return _judged(field, value, judges.person)
    if isinstance(field, RedactedJSONField):
        words = judges.words.value(orjson.dumps(value))
        return (None, None) if words.data is None else (words, orjson.loads(words.data))
    text = judges.texts.value(str(value).encode())
    if text.data is None:
        return None, None
    safe = text.data.decode()
    if field.max_length and len(safe) > field.max_length:  # a placeholder can be longer than what it replaces
        safe = WITHHELD
    return text, safe


def _written(table: Table, field: Any, pk: Any, old: Any, new: Any, tally: Tally) -> bool:
    """Compare-and-set; False when the column holds something else by now or Postgres refused."""
    try:
        with transaction.atomic():
            same = table.rows.filter(pk=pk, **{field.attname: old})
            return bool(same.update(**{field.attname: new}))
    except DatabaseError:
        tally.problems[Problem.REFUSED] += 1
        return False
