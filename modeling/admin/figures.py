"""The gate's table as rows a person can read."""

from dataclasses import dataclass
from typing import Any

FIGURES = {
    "auc": "AUC (1 is perfect, 0.5 is chance)",
    "brier": "Brier score (lower is better)",
    "log_loss": "Log-loss (lower is better)",
    "ece": "Calibration error (lower is better)",
    "mean_score": "Mean score",
    "rate": "Share that really converted",
}
DIFFERENCES = {
    "auc_difference": "AUC: candidate less champion (above 0 is better)",
    "brier_difference": "Brier: candidate less champion (below 0 is better)",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of both."""

    label: str
    candidate: str
    champion: str


def rows(comparison: dict[str, Any]) -> list[Row]:
    """Candidate and champion side by side; empty when nothing was judged."""
    candidate, champion = comparison.get("candidate", {}), comparison.get("champion", {})
    found = [
        Row(label, _figure(candidate, name), _figure(champion, name))
        for name, label in FIGURES.items()
        if name in candidate
    ]
    found += [
        Row(label, _interval(comparison[name]), "")
        for name, label in DIFFERENCES.items()
        if name in comparison
    ]
    best = comparison.get("best")
    return [*found, Row(_of_best(best), _interval(best["auc_difference"]), "")] if best else found


def _of_best(best: dict[str, Any]) -> str:
    return f"AUC: candidate less the best version so far, {best['version']}"


def auc(point: float | None, row: dict[str, Any]) -> str:
    """0.781 (0.752 to 0.809)."""
    if point is None:
        return "not measured"
    low, high = row.get("auc_low"), row.get("auc_high")
    return f"{point:.3f}" if low is None or high is None else f"{point:.3f} ({low:.3f} to {high:.3f})"


def _figure(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    return auc(value, row) if name == "auc" else f"{value:.4f}"


def _interval(row: dict[str, float]) -> str:
    return f"{row['point']:+.4f} ({row['low']:+.4f} to {row['high']:+.4f})"
