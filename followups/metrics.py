"""Metrics of follow-ups: what was tried is counted where it is written; what waits is read from the rows."""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product

from django.db import connection
from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from followups.channels import channels
from followups.claiming import ON, Grip, Reclaimed
from followups.clock import postgres_now
from followups.completing import Completion, Result
from followups.models import Status

EXACT = 50_000
GRACE_SECONDS = 5  # what became due a moment ago is being claimed
RESULTS = (Result.SENT, Result.RETRY, Result.FAILED, Result.IN_DOUBT)
ENDS = (Status.SENT, Status.FAILED, Status.IN_DOUBT, Status.CANCELLED)

ATTEMPTS = Counter("followup_attempts_total", "Attempts to send, by how they ended", ["channel", "result"])
JOBS = Counter("followup_jobs_total", "Steps that came to an end, or wait for a person, by how", ["result"])

for _channel, _result in product(channels(), RESULTS):
    ATTEMPTS.labels(_channel, _result.value)
for _end in ENDS:
    JOBS.labels(_end.value)

# Counting a million rows takes longer than a scrape should. More than EXACT that wait are told as Postgres
# estimated them last, more than EXACT that are late as so many.
_ROWS = f"""
    SELECT (SELECT count(*) FROM (
               SELECT FROM followups_followup WHERE status = 'pending' LIMIT %(exact)s
           ) AS counted),
           (SELECT greatest(reltuples, %(exact)s) FROM pg_class WHERE oid = 'followup_due'::regclass),
           (SELECT count(*) FROM followups_followup WHERE status = 'in_doubt'),
           (SELECT count(*) FROM (
               SELECT FROM ({ON}) AS policy JOIN followups_followup AS one ON one.policy_id = policy.id
               WHERE one.status = 'pending' AND one.due_at < moment.late LIMIT %(exact)s
           ) AS counted),
           (SELECT min(first.due_at) FROM ({ON}) AS policy CROSS JOIN LATERAL (
               SELECT due_at FROM followups_followup
               WHERE policy_id = policy.id AND status = 'pending' AND due_at < moment.late
               ORDER BY due_at LIMIT 1
           ) AS first)
    FROM (SELECT %(now)s - {GRACE_SECONDS} * interval '1 second' AS late) AS moment
"""  # noqa: S608 - conditions and numbers of ours


def count_completed(completions: Sequence[Completion], *, late: Mapping[Grip, str]) -> None:
    """Count what was written; of those that came late what was not counted when they were given up."""
    for one in completions:
        if one.result is Result.UNSENT:
            continue
        was = late.get((one.id, one.fence))
        if was is None:
            ATTEMPTS.labels(one.channel, one.result.value).inc()
        if one.result is not Result.RETRY and one.status != was:
            JOBS.labels(one.status.value).inc()


def count_closed(closed: Tally[str]) -> None:
    """Count steps that ended without an attempt."""
    for status, steps in closed.items():
        JOBS.labels(status).inc(steps)


def count_reclaimed(rows: Sequence[Reclaimed]) -> None:
    """Count attempts of which the end is not known because their worker fell silent."""
    for one in rows:
        if one.sending:
            ATTEMPTS.labels(one.channel, Result.IN_DOUBT.value if one.in_doubt else Result.RETRY.value).inc()
        if one.in_doubt:
            JOBS.labels(Status.IN_DOUBT.value).inc()


class FollowUpCollector(Collector):
    """The queue, as Postgres holds it now."""

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The series. Raises DatabaseError while Postgres is away."""
        now = postgres_now()
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, {"now": now, "exact": EXACT})
            some, estimated, in_doubt, overdue, oldest = cursor.fetchone()
        pending = some if some < EXACT else float(estimated)
        yield GaugeMetricFamily("followup_scheduled", "Steps that wait for their time", pending)
        yield GaugeMetricFamily(
            "followup_overdue", "Steps that are due, that could be sent now, and are not", float(overdue)
        )
        yield GaugeMetricFamily(
            "followup_oldest_overdue_seconds", "How long the oldest of them is due", _age(oldest, now)
        )
        yield GaugeMetricFamily(
            "followup_in_doubt", "Steps of which nobody knows whether they arrived", in_doubt
        )


def _age(oldest: datetime | None, now: datetime) -> float:
    return (now - oldest).total_seconds() if oldest else 0.0
