"""The promises of speed, each beside what was found: one table, at the end of a run."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised, and how the figure is found; None when it was not measured."""

    name: str
    limit: float
    unit: str
    found: Callable[[dict[str, Any]], float | None]
    at_least: bool = False

    def line(self, figures: dict[str, Any]) -> str:
        """One row of the table."""
        asked = f"{'>=' if self.at_least else '<='} {self.limit:g} {self.unit}"
        found = self.found(figures)
        if found is None:
            return f"{self.name:<58}{asked:>10}{'-':>12}  not measured"
        kept = found >= self.limit if self.at_least else found <= self.limit
        return f"{self.name:<58}{asked:>10}{f'{found:.1f} {self.unit}':>12}  {'kept' if kept else 'NOT KEPT'}"


def _times_faster(peer: str) -> Callable[[dict[str, Any]], float | None]:
    def found(figures: dict[str, Any]) -> float | None:
        scores = figures["one score over HTTP"]
        ours = next(iter(scores.values()))
        return ours.per_second / scores[peer].per_second if peer in scores else None

    return found


def _told(benchmark: str, figure: str) -> Callable[[dict[str, Any]], float | None]:
    """A figure in what another benchmark said."""

    def found(figures: dict[str, Any]) -> float | None:
        told = "\n".join(figures.get(benchmark, ()))
        match = re.search(figure, told)
        return float(match[1].replace(",", "")) if match else None

    return found


PROMISES = (
    Promise(
        "one score over HTTP, beside FastAPI + model.json",
        1.5, "x", _times_faster("FastAPI + model.json"), at_least=True,
    ),
    Promise(
        "one score over HTTP, beside mlflow models serve",
        50, "x", _times_faster("mlflow models serve"), at_least=True,
    ),
    Promise("one score in process", 10, "µs", lambda figures: figures["in process, µs"]["probability"]),
    Promise(
        "a lead stored with its score, p99 under load",
        50, "ms", lambda figures: figures["POST /v1/leads"].p99,
    ),
    Promise(
        "a message read for intent, sentiment and urgency",
        1000, "µs", lambda figures: figures["in process, µs"]["read a message"],
    ),
    Promise("a retrain from end to end, beside the bare booster's fit", 2, "x",
            _told("training", r"\b100 trees.*?([\d.]+) times")),
    Promise("follow-ups claimed among 1,000,000 that wait, p99", 20, "ms",
            _told("followups", r"claim \d+ of them .*p99 ([\d.]+) ms")),
    Promise("… claimed and completed, beside pgbench", 0.5, "x",
            _told("followups", r"ours is ([\d.]+) of it"), at_least=True),
    Promise("… sent by one process to a receiver that takes 10 ms", 1000, "/s",
            _told("followups", r"takes 10 ms +([\d,]+) /s"), at_least=True),
)  # fmt: skip


def table(figures: dict[str, Any]) -> str:
    """Every promise."""
    head = f"{'promised':<58}{'asked':>10}{'found':>12}"
    return "\n".join([head, *(promise.line(figures) for promise in PROMISES)])
