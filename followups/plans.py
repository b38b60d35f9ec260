"""What versions of policies say, read once in a process: a version never changes."""

from collections.abc import Iterable, Mapping

import structlog

from followups import documents
from followups.documents import DocumentError
from followups.models import PolicyVersion
from followups.policy import Plan

log = structlog.get_logger(__name__)
_read: dict[int, Plan] = {}


def plans(versions: Iterable[int]) -> Mapping[int, Plan | None]:
    """Plans by version; None for one that cannot be read, which is tried again next time."""
    wanted = set(versions)
    found: dict[int, Plan | None] = {version: _read.get(version) for version in wanted}
    if unread := wanted - _read.keys():
        for row in PolicyVersion.objects.filter(pk__in=unread):
            if plan := _plan(row):
                _read[row.pk] = found[row.pk] = plan
    return found


def _plan(row: PolicyVersion) -> Plan | None:
    try:
        return documents.read(row.document)
    except DocumentError:
        log.error("policy_version_unreadable", policy=row.policy_id, version=row.number)
        return None
