"""What redaction found and what it withheld, counted. Label values are closed sets, born at start."""

from collections import Counter as Count

from prometheus_client import Counter

from privacy.kinds import Kind, Reason, Surface

SCANNED = Counter("pii_messages_scanned", "Free texts of people that were looked at", ["surface"])
REDACTIONS = Counter("pii_redactions", "Personal values that were replaced", ["kind"])
FAILURES = Counter("pii_redaction_failures", "Texts that were withheld as a whole", ["reason"])

for _surface in Surface:  # a series that is born with its first event has no rate before it
    SCANNED.labels(_surface)
for _kind in Kind:
    REDACTIONS.labels(_kind)
for _reason in Reason:
    FAILURES.labels(_reason)


def count(*, surface: Surface, kinds: Count[Kind], reason: Reason | None) -> None:
    """One text was looked at."""
    SCANNED.labels(surface).inc()
    for kind, times in kinds.items():
        REDACTIONS.labels(kind).inc(times)
    if reason is not None:
        FAILURES.labels(reason).inc()
