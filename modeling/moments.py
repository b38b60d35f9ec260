"""Leads as a score saw them while they were still open: what live quality and drift look at.

Training reads every lead (modeling/reading.py); here a lead that was scored too late, or never, is left out:
what is known of it by now may tell how it ended. Training processes only (numpy).
"""

from datetime import UTC, datetime, timedelta

from modeling.dataset import Dataset
from modeling.reading import read

EVER, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
OLD = timedelta(days=36_500)

# One moment stands for each lead, drawn by the number of its row as in training. A lead's age at that moment
# may be bounded: leads of the last days have not yet said what older ones had said by the end. So that old
# ones look as young, each is seen up to a share of `age` that its own id draws.
SCORED = """
SELECT DISTINCT ON (l.id)
       l.id, l.created_at, l.matures_at, coalesce(o.occurred_at, 'infinity'),
       CASE o.state WHEN 'booked' THEN 1::int2 WHEN 'spam' THEN 2::int2 ELSE 0::int2 END,
       p.features
  FROM leads_lead l
  JOIN modeling_prediction p ON p.lead_id = l.id
  LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, state, occurred_at
               FROM leads_outcome WHERE recorded_at <= %(now)s
              ORDER BY lead_id, recorded_at DESC, id DESC) o ON o.lead_id = l.id
 WHERE (p.version_id IS NOT NULL OR NOT %(by_version)s)
   AND p.at <= %(now)s AND p.at < least(o.occurred_at, l.matures_at)
   AND l.created_at > %(came_after)s AND l.created_at <= %(now)s
   AND l.matures_at > %(matured_after)s AND l.matures_at <= %(matured_by)s
   AND p.at <= l.created_at + %(age)s * CASE WHEN %(as_young)s
               THEN (hashtext(l.id::text) & 2147483647) / 2147483648.0 ELSE 1 END
 ORDER BY l.id, p.id %% 1000003 * 2654435761 %% 4294967296
"""


def matured(*, after: datetime, now: datetime) -> Dataset:
    """The leads that matured after a moment, by `now`, at moments when a version scored them."""
    return _read(now=now, matured_after=after, matured_by=now, by_version=True)


def newest(*, since: datetime, now: datetime) -> Dataset:
    """The leads that came in since, whether they ended or not."""
    return _read(now=now, came_after=since)


def as_young(*, matured_by: datetime, matured_after: datetime, age: timedelta, now: datetime) -> Dataset:
    """Matured leads as they looked when they were as old as leads of the last `age` are now."""
    return _read(now=now, matured_after=matured_after, matured_by=matured_by, age=age, as_young=True)


def _read(
    *,
    now: datetime,
    came_after: datetime = EVER,
    matured_after: datetime = EVER,
    matured_by: datetime = NEVER,
    age: timedelta = OLD,
    as_young: bool = False,
    by_version: bool = False,
) -> Dataset:
    return read(
        SCORED,
        {
            "now": now, "came_after": came_after, "matured_after": matured_after, "matured_by": matured_by,
            "age": age, "as_young": as_young, "by_version": by_version,
        },
    )  # fmt: skip
