"""docs/privacy/data-map.md tells every column there is, and none that is not."""

import re
from pathlib import Path

from django.apps import apps

TEXT = (Path(__file__).parents[2] / "docs" / "privacy" / "data-map.md").read_text(encoding="utf-8")
APPS = {"customerops", "followups", "leads", "modeling", "privacy"}
_NAMED = re.compile(r"`([a-z_0-9]+)`")


def told() -> dict[frozenset[str], set[str]]:
    """The columns each section tells, by the tables its heading names."""
    found = {}
    for section in TEXT.split("\n### ")[1:]:
        heading, _, rest = section.partition("\n")
        rows = [line for line in rest.split("\n## ")[0].splitlines() if line.startswith("| `")]
        columns = {name for row in rows for name in _NAMED.findall(row.split("|")[1])}
        found[frozenset(_NAMED.findall(heading))] = columns
    return found


def test_every_table_and_every_column_is_told():
    tables = {model._meta.db_table: model for model in apps.get_models() if model._meta.app_label in APPS}
    sections = told()
    assert sorted(table for names in sections for table in names) == sorted(tables)
    for names, columns in sections.items():
        kept = {field.name for table in names for field in tables[table]._meta.local_concrete_fields}
        assert columns == kept, sorted(names)


def test_it_can_tell_a_column_that_is_missing():
    assert len(told()) > 8
    assert "contact" in told()[frozenset(["leads_lead"])]
