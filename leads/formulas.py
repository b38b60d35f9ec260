"""Cells that a spreadsheet must not run. The mark is the spreadsheet's own: a leading apostrophe means text.

`restore(neutralise(text)) == text` for every text. Numbers are written as numbers, a minus sign is theirs.
"""

import re

# Text that opens a formula, opens with the mark, or reads like a number, true/false or a missing value.
MARKED = r"^([=+\-@'\t\r\n ]|[0-9.]+([eE][+\-]?[0-9]+)?$|(true|false|na|n/a|null|none|nan|#n/a)$)"
FIXED = (
    "lead_id",
    "source",
    "timezone",
    "created_at",
    "matures_at",
    "state",
    "reward",
    "occurred_at",
    "recorded_at",
    "current",
    "converted",
)
PREFIX = "attribute."


_MARKED = re.compile(MARKED, re.IGNORECASE)


def neutralise(text: str) -> str:
    """The cell of a text; MARKED does the same inside Postgres."""
    return f"'{text}" if _MARKED.search(text) else text


def restore(cell: str) -> str:
    """The text of a cell."""
    return cell[1:] if cell.startswith("'") else cell


def column_name(attribute: str) -> str:
    """The column of an attribute; one that is called like a fixed column gets a prefix."""
    taken = attribute in FIXED or attribute.startswith(PREFIX)
    return neutralise(PREFIX + attribute if taken else attribute)


def attribute_name(column: str) -> str:
    """The attribute behind a column."""
    return restore(column).removeprefix(PREFIX)
