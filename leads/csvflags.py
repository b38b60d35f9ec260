"""The flags that say which column of a history file means what, the same for every command that reads one."""

import argparse
from typing import Any

from leads.csvfile import ColumnMap
from leads.endings import parse_map


def add_column_flags(parser: argparse.ArgumentParser) -> None:
    """Everything `columns_of` reads."""
    add = parser.add_argument_group("columns").add_argument
    add("--id", metavar="COL", help="the lead's id; without it, the file's name and the line number")
    add("--created-at", metavar="COL", help="when the lead came in")
    add("--rows-per-day", type=_at_least_one, metavar="N", help="for a file in time order without dates")
    add(
        "--matures-at",
        metavar="COL",
        help="when the ending is known for sure; else OUTCOME_HORIZON_DAYS later",
    )
    add("--outcome", metavar="COL", help="how the lead ended; empty: no outcome")
    add("--outcome-at", metavar="COL", help="when it ended; without --outcome, a date here means booked")
    add("--map", type=_map, default={}, metavar="VALUE=STATE,…", help="what the values of --outcome mean")
    add("--ignore", type=_names, default=frozenset(), metavar="COL,COL", help="columns to leave out")
    add("--source", default="", metavar="NAME", help="the column that holds the source, or the source itself")


def columns_of(options: dict[str, Any]) -> ColumnMap:
    """The flags as one value."""
    return ColumnMap(
        id=options["id"],
        created_at=options["created_at"],
        matures_at=options["matures_at"],
        outcome=options["outcome"],
        outcome_at=options["outcome_at"],
        mapping=options["map"],
        ignore=options["ignore"],
        source=options["source"],
        rows_per_day=options["rows_per_day"],
    )


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _map(text: str) -> dict[str, str]:
    try:
        return parse_map(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _names(text: str) -> frozenset[str]:
    return frozenset(name for part in text.split(",") if (name := part.strip()))
