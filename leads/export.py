"""Every outcome as CSV, streamed by COPY: ids, states, dates, numbers, categories; never free text.

Two passes: the first finds which attributes may leave, the second streams the rows in constant memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from psycopg import sql

from leads import formulas

MAX_CATEGORIES = 200
MAX_CATEGORY_TEXT = 60
PIECE_BYTES = 65_536
LEADS_PER_CATEGORY = 3  # fewer on average, and the values are near-unique: names, comments, references

_ISO_DATE = r"^\d{4}-\d{2}-\d{2}([T ][0-9:.+Z-]*)?$"
_PERSONAL = r"@|\d{7,}"
_CENSUS = """
    SELECT key, kind, sum(uses), count(*), max(length(text)), bool_and(text ~ %s), bool_or(text ~ %s)
    FROM (SELECT key, jsonb_typeof(value) AS kind,
                 CASE WHEN jsonb_typeof(value) = 'string' THEN value #>> '{}' END AS text, count(*) AS uses
          FROM leads_lead AS lead, jsonb_each(attributes)
          WHERE EXISTS (SELECT FROM leads_outcome WHERE lead_id = lead.id)
          GROUP BY 1, 2, 3) AS cells
    GROUP BY key, kind ORDER BY key, kind
"""
_ROWS = """
    COPY (
        SELECT {columns}
        FROM leads_outcome AS outcome
        JOIN leads_lead AS lead ON lead.id = outcome.lead_id
        JOIN LATERAL (SELECT id, state FROM leads_outcome WHERE lead_id = lead.id
                      ORDER BY recorded_at DESC, id DESC LIMIT 1) AS newest ON true
        ORDER BY outcome.id
    ) TO STDOUT (FORMAT csv)
"""


@dataclass(frozen=True, slots=True)
class Feature:
    """An attribute that may leave, and the JSON types it may leave in."""

    name: str
    kinds: tuple[str, ...]


def features() -> list[Feature]:
    """The attributes of leads with an outcome that hold numbers, booleans, dates or categories."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CENSUS, [_ISO_DATE, _PERSONAL])
        for name, kind, *figures in cursor:
            if kind in ("number", "boolean") or (kind == "string" and _may_leave(*figures)):
                found.setdefault(name, []).append(kind)
    return [Feature(name, tuple(kinds)) for name, kinds in found.items()]


def csv_blocks() -> Iterator[bytes]:
    """The file in pieces, header first. A failure on the way raises: a short file never looks whole."""
    chosen = features()
    names = [*formulas.FIXED, *(formulas.column_name(feature.name) for feature in chosen)]
    yield ",".join(map(_quoted, names)).encode() + b"\r\n"
    query = sql.SQL(_ROWS).format(columns=sql.SQL(", ").join([*_fixed(), *map(_cell, chosen)]))
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(query) as copy:
        yield from _gathered(copy)


def _gathered(rows: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Rows in pieces worth a system call each."""
    piece = bytearray()
    for row in rows:
        piece += row
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _may_leave(uses: int, values: int, longest: int, dates: bool, personal: bool) -> bool:
    if dates:
        return True
    near_unique = values * LEADS_PER_CATEGORY > uses
    return values <= MAX_CATEGORIES and longest <= MAX_CATEGORY_TEXT and not near_unique and not personal


def _fixed() -> list[sql.Composable]:
    """One expression for each of formulas.FIXED, in its order."""
    rewards = sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(state), sql.Literal(float(reward)))
        for state, reward in settings.OUTCOME_REWARDS.items()
    )
    return [
        sql.SQL("lead.id"),
        _marked(sql.SQL("lead.source")),
        _marked(sql.SQL("lead.timezone")),
        _moment("lead.created_at"),
        _moment("lead.matures_at"),
        sql.SQL("outcome.state"),
        sql.SQL("CASE outcome.state {} END").format(rewards),
        _moment("outcome.occurred_at"),
        _moment("outcome.recorded_at"),
        sql.SQL("(outcome.id = newest.id)::text"),
        sql.SQL("(newest.state = 'booked')::text"),
    ]


def _cell(feature: Feature) -> sql.Composable:
    text = sql.SQL("lead.attributes ->> {}").format(sql.Literal(feature.name))
    kinds = sql.SQL(", ").join(map(sql.Literal, feature.kinds))
    return sql.SQL(
        "CASE WHEN jsonb_typeof(lead.attributes -> {name}) NOT IN ({kinds}) THEN NULL"
        " WHEN jsonb_typeof(lead.attributes -> {name}) = 'string' THEN {marked} ELSE {text} END"
    ).format(name=sql.Literal(feature.name), kinds=kinds, marked=_marked(text), text=text)


def _marked(text: sql.Composable) -> sql.Composable:
    """formulas.neutralise in SQL."""
    return sql.SQL("CASE WHEN {0} ~* {1} THEN '''' || ({0}) ELSE {0} END").format(
        text, sql.Literal(formulas.MARKED)
    )


def _moment(column: str) -> sql.Composable:
    shape = sql.Literal('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return sql.SQL("to_char({} AT TIME ZONE 'UTC', {})").format(sql.SQL(column), shape)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(mark in name for mark in ',"\r\n') else name
