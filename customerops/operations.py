"""What somebody on call asks first, told from what /metrics tells: the facts of the dashboards, without them.

A line is wrong where an alert would fire if it stayed so. Counters count since the processes' metric files
were made, which is since the last start.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from customerops.expositions import Exposition, Labels
from customerops.health import Finding
from customerops.wording import HOUR, count, duration, figure, moment, share

P95 = 0.95
STATES = ("booked", "qualified", "nurture", "ghosted", "unqualified", "spam")
ENDS = ("sent", "failed", "in_doubt", "cancelled")
FAILED = ("error", "timeout")
Limits = Mapping[str, float]  # of deploy/prometheus_thresholds.yml


class State(StrEnum):
    """How a line stands."""

    FINE = ""
    UNKNOWN = "unknown"  # it has not been measured yet
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the page. `alerts` are those that watch it, sections of docs/troubleshooting.md."""

    name: str
    value: str
    alerts: Sequence[str] = ()
    state: State = State.FINE


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the page."""

    name: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, when, and what is too much."""

    told: Exposition
    now: datetime
    limits: Limits

    def since(self, name: str, said: str, alerts: Sequence[str], *, most: float) -> Fact:
        """When something last happened that has to happen every so many seconds."""
        at = self.told.of(name)
        never = math.isnan(at) or not at
        late = not never and self.now.timestamp() - at > most
        state = State.UNKNOWN if never else _wrong(late)
        return Fact(said, moment(at, now=self.now), alerts, state)


def groups(text: str, *, now: datetime, limits: Limits, findings: Mapping[str, Finding]) -> list[Group]:
    """The page. `text` is an exposition in Prometheus's format."""
    read = Reading(Exposition(text), now, limits)
    return [
        Group("What it depends on", [_finding(name, found) for name, found in findings.items()]),
        Group("Model", list(_model(read))),
        Group("Follow-ups", list(_followups(read))),
        Group("Privacy", list(_privacy(read))),
        Group("Leads", list(_leads(read))),
        Group("API", list(_api(read))),
    ]


def in_state(page: Iterable[Group], state: State) -> Iterator[tuple[str, Fact]]:
    """Those lines, with the group of each."""
    return ((group.name, fact) for group in page for fact in group.facts if fact.state is state)


def _wrong(holds: bool) -> State:
    return State.WRONG if holds else State.FINE


def _finding(name: str, found: Finding) -> Fact:
    alerts = {"postgres": ["CustomerOpsRowsUnreadable"], "model": ["LeadModelNotLoaded"]}
    return Fact(name.capitalize(), found.detail, alerts.get(name, ()), _wrong(not found.ok))


def _model(read: Reading) -> Iterator[Fact]:
    told, limits = read.told, read.limits
    version, learned = told.of("lead_model_version"), told.of("lead_model_n_train")
    serves = version > 0
    trained = moment(version, now=read.now)
    yield Fact("Serving version was trained", trained, state=State.FINE if serves else State.UNKNOWN)
    yield _processes(told)
    few = _wrong(serves and learned < limits["train_data_min"])
    yield Fact("Leads it learned from", count(learned), ["LeadModelTrainDataLow"], few)
    auc = told.of("lead_model_auc")
    poor = told.of("lead_model_forced") == 1 and auc < limits["auc_degraded"]
    yield Fact("Hold-out AUC", figure(auc), ["LeadModelAUCDegraded"], _wrong(poor))
    yield _live(read)
    yield _drift(read)
    yield from _nights(read)
    slow = told.quantile("lead_prediction_latency_seconds", P95)
    state = _wrong(slow > limits["scoring_p95_seconds"])
    yield Fact("95 of 100 scores take at most", duration(slow), ["LeadPredLatencyHigh"], state)


def _processes(told: Exposition) -> Fact:
    loaded = Counter(sample.value for sample in told.samples("lead_model_loaded_version"))
    without = loaded.pop(0.0, 0)
    said = [f"{number} on {version:.0f}" for version, number in sorted(loaded.items())]
    said += [f"{without} without a model"] if without else []
    alerts = ["LeadModelNotLoaded", "LeadModelVersionSkew"]
    return Fact(
        "Processes, by the version they score with", ", ".join(said) or "none reports", alerts,
        _wrong(without > 0 or len(loaded) > 1),
    )  # fmt: skip


def _live(read: Reading) -> Fact:
    point, low, high = (read.told.of("lead_model_live_auc", bound=one) for one in ("point", "low", "high"))
    leads = read.told.of("lead_model_live_matured")
    known = f"{point:.3f} ({low:.3f} to {high:.3f}) on {count(leads)} leads"
    poor = high < read.limits["auc_degraded"] and leads >= read.limits["auc_matured_min"]
    return Fact(
        "Live AUC", "too few matured leads to tell" if math.isnan(point) else known,
        ["LeadModelAUCDegraded", "LeadModelAUCCritical"], _wrong(poor),
    )  # fmt: skip


def _drift(read: Reading) -> Fact:
    drift, leads = read.told.of("lead_model_drift"), read.told.of("lead_model_drift_leads")
    features = sorted(read.told.samples("lead_model_feature_drift"), key=lambda sample: -sample.value)
    moved = [sample.labels["feature"] for sample in features[:3] if sample.value > 0]
    which = f" ({', '.join(moved)})" if moved else ""
    said = f"{drift:.3f}{which} on {count(leads)} new leads"
    high = drift > read.limits["drift"] and leads >= read.limits["drift_leads_min"]
    return Fact(
        "Drift, the largest of all features", "too few new leads to tell" if math.isnan(drift) else said,
        ["LeadModelDrifting"], _wrong(high),
    )  # fmt: skip


def _nights(read: Reading) -> Iterator[Fact]:
    stale, unmeasured = read.limits["stale_hours"] * HOUR, read.limits["unmeasured_hours"] * HOUR
    yield read.since(
        "lead_model_retrain_last_completed_timestamp_seconds", "Last training run that came to a verdict",
        ["LeadModelStale"], most=stale,
    )  # fmt: skip
    for series, said in (
        ("lead_model_live_measured_timestamp_seconds", "Live quality was last measured"),
        ("lead_model_drift_measured_timestamp_seconds", "Drift was last measured"),
    ):
        yield read.since(series, said, ["LeadModelUnmeasured"], most=unmeasured)


def _followups(read: Reading) -> Iterator[Fact]:
    told, limits = read.told, read.limits
    overdue, oldest = told.of("followup_overdue"), told.of("followup_oldest_overdue_seconds")
    late = overdue > limits["followup_overdue"] or oldest > HOUR
    said = f"{count(overdue)}, the oldest for {duration(oldest)}" if overdue > 0 else "none"
    yield Fact("Overdue", said, ["FollowUpQueueBackedUp", "FollowUpJobsStalled"], _wrong(late))
    doubt = told.of("followup_in_doubt")
    yield Fact("In doubt: a person has to look", count(doubt), ["FollowUpInDoubt"], _wrong(doubt > 0))
    yield Fact("Steps that wait for their time", count(told.of("followup_scheduled")))
    tried, sent = told.of("followup_attempts_total"), told.of("followup_attempts_total", result="sent")
    least, failed = limits["followup_attempts_min"], tried - sent
    state = _wrong(tried >= least and failed / tried > limits["followup_failed_share"])
    shown = share(failed, tried, least=least)
    yield Fact("Attempts that did not go out, since the start", shown, ["FollowUpJobFailureRate"], state)
    ended = {end: told.of("followup_jobs_total", result=end) for end in ENDS}
    said = ", ".join(f"{count(number)} {end.replace('_', ' ')}" for end, number in ended.items())
    yield Fact("Ended since the start", said)


def _privacy(read: Reading) -> Iterator[Fact]:
    told, limits = read.told, read.limits
    leaking = told.of("pii_canary_leaking") == 1
    said = "YES: it found a personal detail where none may be" if leaking else "no"
    yield Fact("Leaks, as the canary found", said, ["PIICanaryLeaking"], _wrong(leaking))
    yield read.since(
        "pii_canary_last_success_timestamp_seconds", "The canary came home clean",
        ["PIICanarySilent"], most=limits["canary_silent_seconds"],
    )  # fmt: skip
    scanned = told.of("pii_messages_scanned_total", surface="message")
    redacted = told.of("pii_redactions_total")
    yield Fact("Messages looked at since the start", count(scanned))
    blind = redacted == 0 and scanned > limits["no_redaction_messages"]
    alerts = ["PIIRedactionSpike", "PIIRedactionsZero"]
    yield Fact("Personal details taken out since the start", count(redacted), alerts, _wrong(blind))
    withheld = told.total("pii_redaction_failures_total", where=lambda labels: labels["reason"] in FAILED)
    name = "Texts withheld because looking failed, since the start"
    yield Fact(name, count(withheld), ["PIIRedactorFailing"], _wrong(withheld > 0))
    owed = told.of("pii_erasures_pending_leads")
    yield Fact(
        "Erased leads that Redis still has to forget", count(owed), ["PIIErasuresPending"], _wrong(owed > 0)
    )


def _leads(read: Reading) -> Iterator[Fact]:
    counts = {state: read.told.of("lead_outcomes_total", outcome=state) for state in STATES}
    yield Fact("Outcomes since the start", ", ".join(f"{count(n)} {state}" for state, n in counts.items()))
    ended = [number for state, number in counts.items() if state != "spam" and not math.isnan(number)]
    total, least = sum(ended), read.limits["outcomes_min"]
    booked, ghosted = counts["booked"], counts["ghosted"]
    few = total >= least and booked / total < read.limits["conversion_rate"]
    many = total >= least and ghosted / total > read.limits["ghost_rate"]
    name = "of these, spam left out"
    yield Fact(f"Booked {name}", share(booked, total, least=least), ["LeadConversionRateDrop"], _wrong(few))
    yield Fact(f"Ghosted {name}", share(ghosted, total, least=least), ["LeadGhostRateHigh"], _wrong(many))


def _api(read: Reading) -> Iterator[Fact]:
    def asked(labels: Labels) -> bool:
        return labels["view"] not in ("metrics", "healthz", "readyz")

    answers = "django_http_responses_total_by_status_view_method_total"
    total = read.told.total(answers, where=asked)
    failed = read.told.total(answers, where=lambda labels: asked(labels) and labels["status"].startswith("5"))
    failed, least = 0.0 if math.isnan(failed) else failed, read.limits["api_min"]
    yield Fact("Answers since the start, probes left out", count(total))
    state = _wrong(total >= least and failed / total > read.limits["api_error_share"])
    yield Fact(
        "of these with a status from 500", share(failed, total, least=least), ["APIErrorRateHigh"], state
    )
    slow = read.told.quantile("django_http_requests_latency_seconds_by_view_method", P95, where=asked)
    state = _wrong(slow > read.limits["api_p95_seconds"])
    yield Fact("95 of 100 answers take at most", duration(slow), ["APILatencyHigh"], state)
