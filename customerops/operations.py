"""What somebody on call asks first, told from what /metrics tells: the facts of the dashboards, without them.

Counters count since the processes' metric files were made, which is since the last start.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

LEAST = 20  # answers and outcomes; a share of fewer says nothing
P95 = 0.95


class Exposition:
    """Series by name, as one scrape tells them."""

    def __init__(self, text: str) -> None:
        self._samples: dict[str, list[Sample]] = defaultdict(list)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self._samples[sample.name].append(sample)

    def total(self, name: str, *, where: Callable[[dict[str, str]], bool] = lambda labels: True) -> float:
        """The sum of its series; NaN when none is there, or none that fits."""
        values = [sample.value for sample in self._samples[name] if where(sample.labels)]
        return sum(values) if values else math.nan

    def of(self, name: str, **labels: str) -> float:
        """The same of the series with these labels."""
        return self.total(name, where=lambda found: labels.items() <= found.items())

    def quantile(self, name: str, share: float) -> float:
        """The bound of the histogram's bucket in which it lies; NaN before the first observation."""
        buckets: dict[float, float] = defaultdict(float)
        for sample in self._samples[f"{name}_bucket"]:
            buckets[float(sample.labels["le"])] += sample.value
        count = buckets.get(math.inf, 0.0)
        if not count:
            return math.nan
        return min(bound for bound, below in buckets.items() if below >= share * count)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the page. `alerts` are those that watch it, sections of docs/troubleshooting.md."""

    name: str
    value: str
    alerts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the page."""

    name: str
    facts: Sequence[Fact]


def groups(text: str, *, now: datetime) -> list[Group]:
    """The page. `text` is an exposition in Prometheus's format."""
    told = Exposition(text)
    return [
        Group("Model", list(_model(told, now))),
        Group("Follow-ups", list(_followups(told))),
        Group("Privacy", list(_privacy(told, now))),
        Group("Leads", list(_leads(told))),
        Group("API", list(_api(told))),
    ]


def _model(told: Exposition, now: datetime) -> Iterable[Fact]:
    live = [told.of("lead_model_live_auc", bound=bound) for bound in ("point", "low", "high")]
    leads = _count(told.of("lead_model_live_matured"))
    known = f"{live[0]:.3f} ({live[1]:.3f} to {live[2]:.3f}) on {leads} leads"
    yield Fact(
        "serving version was trained", _moment(told.of("lead_model_version"), now), ["LeadModelNotLoaded"]
    )
    yield Fact("leads it learned from", _count(told.of("lead_model_n_train")), ["LeadModelTrainDataLow"])
    yield Fact("hold-out AUC", _figure(told.of("lead_model_auc")))
    yield Fact(
        "live AUC",
        "too few matured leads to tell" if math.isnan(live[0]) else known,
        ["LeadModelAUCDegraded", "LeadModelAUCCritical"],
    )
    yield Fact("drift, the largest of all features", _figure(told.of("lead_model_drift")))
    yield Fact(
        "last training run that came to a verdict",
        _moment(told.of("lead_model_retrain_last_completed_timestamp_seconds"), now),
        ["LeadModelStale"],
    )
    yield Fact(
        "95 of 100 scores take at most",
        _seconds(told.quantile("lead_prediction_latency_seconds", P95)),
        ["LeadPredLatencyHigh"],
    )


def _followups(told: Exposition) -> Iterable[Fact]:
    ended = {
        result: told.of("followup_jobs_total", result=result)
        for result in ("sent", "failed", "in_doubt", "cancelled")
    }
    said = ", ".join(f"{_count(number)} {result.replace('_', ' ')}" for result, number in ended.items())
    oldest = told.of("followup_oldest_overdue_seconds")
    overdue = f"{_count(told.of('followup_overdue'))}, the oldest for {_seconds(oldest)}"
    yield Fact("steps that wait for their time", _count(told.of("followup_scheduled")))
    yield Fact("overdue", overdue, ["FollowUpQueueBackedUp", "FollowUpJobsStalled"])
    yield Fact("in doubt: a person has to look", _count(told.of("followup_in_doubt")), ["FollowUpInDoubt"])
    yield Fact("ended since the start", said, ["FollowUpJobFailureRate"])


def _privacy(told: Exposition, now: datetime) -> Iterable[Fact]:
    leaking = told.of("pii_canary_leaking")
    flown = _moment(told.of("pii_canary_last_success_timestamp_seconds"), now)
    yield Fact("messages looked at since the start", _count(told.of("pii_messages_scanned_total")))
    yield Fact(
        "personal details taken out",
        _count(told.of("pii_redactions_total")),
        ["PIIRedactionSpike", "PIIRedactionsZero"],
    )
    yield Fact("texts withheld because looking failed", _count(told.of("pii_redaction_failures_total")))
    yield Fact("the canary came home clean", f"{flown}{'; IT LEAKED SINCE' if leaking == 1 else ''}")
    yield Fact("erased leads that Redis still has to forget", _count(told.of("pii_erasures_pending_leads")))


def _leads(told: Exposition) -> Iterable[Fact]:
    states = ("booked", "qualified", "nurture", "ghosted", "unqualified", "spam")
    counts = {state: told.of("lead_outcomes_total", outcome=state) for state in states}
    total = sum(number for number in counts.values() if not math.isnan(number))
    yield Fact("outcomes since the start", ", ".join(f"{_count(n)} {state}" for state, n in counts.items()))
    yield Fact("booked of these", _share(counts["booked"], total), ["LeadConversionRateDrop"])
    yield Fact("ghosted of these", _share(counts["ghosted"], total), ["LeadGhostRateHigh"])


def _api(told: Exposition) -> Iterable[Fact]:
    answers = "django_http_responses_total_by_status_total"
    total = told.of(answers)
    failed = told.total(answers, where=lambda labels: labels["status"].startswith("5"))
    latency = "django_http_requests_latency_including_middlewares_seconds"
    yield Fact("answers since the start", _count(total))
    yield Fact(
        "of these with a status from 500",
        _share(0.0 if math.isnan(failed) else failed, total),
        ["APIErrorRateHigh"],
    )
    yield Fact("95 of 100 answers take at most", _seconds(told.quantile(latency, P95)), ["APILatencyHigh"])


def _count(number: float) -> str:
    return "none" if math.isnan(number) or not number else f"{number:,.0f}"


def _figure(number: float) -> str:
    return "not measured" if math.isnan(number) else f"{number:.3f}"


def _share(part: float, whole: float) -> str:
    if math.isnan(whole) or math.isnan(part) or whole < LEAST:
        return "too few to tell"
    return f"{part / whole:.1%}"


def _seconds(number: float) -> str:
    if math.isnan(number):
        return "not measured"
    if math.isinf(number):
        return "more than the longest bucket"
    return f"{number * 1000:,.0f} ms" if number < 1 else f"{number:,.0f} s"


def _moment(timestamp: float, now: datetime) -> str:
    if math.isnan(timestamp) or not timestamp:
        return "never"
    moment = datetime.fromtimestamp(timestamp, UTC)
    hours = (now - moment).total_seconds() / 3600
    ago = f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.1f} h"
    return f"{moment:%Y-%m-%d %H:%M} UTC, {ago} ago"
