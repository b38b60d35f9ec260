"""What redaction found and what it withheld, counted. Label values are closed sets, born at start."""

from collections import Counter as Count
from collections.abc import Sequence

from prometheus_client import Counter

from privacy.kinds import Kind, Reason, Surface

SCANNED = Counter(
    "pii_messages_scanned", "Texts of people, and leads' values, that were looked at", ["surface"]
)
REDACTIONS = Counter("pii_redactions", "Personal values that were replaced", ["kind"])
FAILURES = Counter("pii_redaction_failures", "Texts and values that were withheld", ["reason"])

# A series that is born with its first event has no rate before it.
_SCANNED = {surface: SCANNED.labels(surface) for surface in Surface}
for _kind in Kind:
    REDACTIONS.labels(_kind)
for _reason in Reason:
    FAILURES.labels(_reason)


def count(*, surface: Surface, kinds: Count[Kind], reasons: Sequence[Reason]) -> None:
    """One text, or the values of one lead, were looked at."""
    _SCANNED[surface].inc()
    for kind, times in kinds.items():
        REDACTIONS.labels(kind).inc(times)
    for reason in reasons:
        FAILURES.labels(reason).inc()
