"""Where a report goes: the terminal, report.json and index.html, whole or not at all."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from modeling.backtest.page import NAMES, page_of

PERIOD_HEADINGS = ("from", "leads", "rate", "said", "AUC", "frozen", "logistic", "Brier", "gate")
HEADINGS = ("", "AUC", "Brier", "log-loss", "mean score", "rate", "best fifth")
SIGNS = {"promote": "promoted", "hold": "held", "reject": "rejected"}


class CannotWrite(OSError):
    """The report has no place to go."""


def check_folder(folder: Path) -> None:
    """Say at once, not after the replay, that the report cannot be written."""
    there = folder if folder.exists() else folder.absolute().parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise CannotWrite(f"--report {folder}: {there} is no folder that can be written to")


def write(document: Mapping[str, Any], folder: Path) -> Path:
    """Write both files; the folder of a former report is reused. Returns the page."""
    contents = {
        "report.json": orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY),
        "index.html": page_of(document).encode(),
    }
    try:
        folder.mkdir(exist_ok=True)
        for name, content in contents.items():
            (folder / f".{name}").write_bytes(content)
        for name in contents:
            (folder / f".{name}").replace(folder / name)
    except OSError as error:
        raise CannotWrite(f"--report {folder}: {error.strerror}") from error
    return folder / "index.html"


def lines(document: Mapping[str, Any]) -> list[str]:
    """The report for a terminal."""
    verdicts = ", ".join(f"{count} {SIGNS[name]}" for name, count in document["verdicts"].items())
    return [
        "",
        *_periods(document),
        "",
        *_pooled(document),
        "",
        f"Versions: {verdicts}.",
        *_rejected(document["history"]["rejected"]),
        "",
        document["answer"]["headline"],
        *document["answer"]["sentences"],
        "",
    ]


def _periods(document: Mapping[str, Any]) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("from", "leads", "rate", "said", "AUC", "frozen", "logistic", "Brier", "gate")
    ]
    for period, version in zip(document["periods"], document["versions"], strict=True):
        by_name = period["contestants"]
        aucs = [_number(by_name[name]["auc"]) for name in ("nightly", "frozen", "logistic")]
        ours = by_name["nightly"]
        rows.append(
            (
                period["from"],
                f"{period['leads']:,}",
                _share(ours["rate"]),
                _share(ours["mean_score"]),
                *aucs,
                _number(ours["brier"]),
                SIGNS[version["verdict"]],
            )
        )
    return _table(rows)


def _pooled(document: Mapping[str, Any]) -> list[str]:
    rows: list[tuple[str, ...]] = [HEADINGS]
    for name, told in NAMES.items():
        figures = document["pooled"][name]
        rows.append(
            (
                told,
                _number(figures["auc"], 4),
                _number(figures["brier"], 4),
                _number(figures["log_loss"], 4),
                _share(figures["mean_score"]),
                _share(figures["rate"]),
                _share(figures["top_fifth"]),
            )
        )
    return _table(rows)


def _rejected(rejects: Mapping[str, int]) -> list[str]:
    if not rejects:
        return []
    worst = "; ".join(f"{reason} ({count:,})" for reason, count in list(rejects.items())[:3])
    return [f"{sum(rejects.values()):,} rows could not be used: {worst}"]


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns as wide as their widest cell, the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
