"""Takes leads out of Postgres with every row that hangs on them, and out of what the admin's log tells."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection, models

from leads.models import Lead

ERASED = "[ERASED]"
SHORTEST_NAME = 4  # an external id such as "7" in a text names nobody
LONGEST_REPR = 200
_NAMED = """
    SELECT log.id, name FROM unnest(%s::text[]) AS name
    JOIN django_admin_log AS log
      ON position(name IN log.object_repr) > 0 OR position(name IN log.change_message) > 0
"""


def remove(leads: Sequence[tuple[UUID, str | None]]) -> Counter[str]:
    """Ids with external ids; answers rows removed by table. Run it in a transaction.

    Contacts are not read, so one that no key opens does not stand in the way.
    """
    ids = [lead for lead, _ in leads]
    _, by_model = Lead.objects.only("pk").filter(pk__in=ids).delete()
    removed = Counter(
        {apps.get_model(label)._meta.db_table: rows for label, rows in by_model.items() if rows}
    )
    if logged := LogEntry.objects.filter(object_id__in=list(map(str, ids))).delete()[0]:
        removed[LogEntry._meta.db_table] = logged
    _blacken([str(lead) for lead in ids] + [external for _, external in leads if external])
    return removed


def hanging_on(leads: Sequence[UUID]) -> Counter[str]:
    """What `remove` would remove, by table."""
    counts = Counter({Lead._meta.db_table: Lead.objects.filter(pk__in=leads).count()})
    for model, path in _relations(Lead, ""):
        counts[model._meta.db_table] += model._default_manager.filter(**{f"{path}__in": leads}).count()
    counts[LogEntry._meta.db_table] = LogEntry.objects.filter(object_id__in=list(map(str, leads))).count()
    return +counts


def _relations(model: type[models.Model], behind: str) -> Iterable[tuple[type[models.Model], str]]:
    """Every model whose rows go with those of `model`, with its way there."""
    for relation in model._meta.related_objects:
        if relation.on_delete is models.CASCADE and relation.related_model is not model:
            related: Any = relation.related_model
            path = f"{relation.field.name}__{behind}".removesuffix("__")
            yield related, path
            yield from _relations(related, path)


def _blacken(names: Sequence[str]) -> None:
    """The admin's log of other things may still name an erased lead."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [[name for name in names if len(name) >= SHORTEST_NAME]])
        named: list[tuple[int, str]] = cursor.fetchall()
    for entry_id, name in named:
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        entry = LogEntry.objects.get(pk=entry_id)
        entry.object_repr = word.sub(ERASED, entry.object_repr)[:LONGEST_REPR]
        entry.change_message = word.sub(ERASED, entry.change_message)
        entry.save(update_fields=["object_repr", "change_message"])
