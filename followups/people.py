"""One person, several leads: while a policy follows up one of them, it does not take in another.

The keyed digest of the e-mail address tells whose a lead is; without one it is a person of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import orjson

from followups.policies import Live
from followups.policy import ENDINGS
from leads.statements import Prepared, Statement, run

_LOCKS = 7_320  # of Postgres's advisory locks, the first of two numbers
_ENDINGS = ", ".join(f"'{state}'" for state in sorted(ENDINGS))

# Two leads of one person that come in at once: the later waits until it can see the earlier. A lock for each
# of 256 sorts of people, since those of Postgres are few, taken in one order.
_HOLD = Prepared(
    "hold_people",
    f"""
    SELECT pg_advisory_xact_lock({_LOCKS}, sort) FROM (
        SELECT DISTINCT get_byte(uuid_send(email_digest), 15) AS sort FROM leads_lead
        WHERE id = ANY ($1::uuid[]) AND email_digest IS NOT NULL ORDER BY sort
    ) AS sorts
    """,  # noqa: S608 - a number of ours
)
# Of a row `new` (a policy, and since when one that is held out is compared) and its row `lead`: whether
# another lead of the person has more to come. A scalar, so that no planner makes a scan of it. Stop rules are
# those of the version that lead is in, read as text: no odd document may fail here.
FOLLOWED_ELSEWHERE = f"""
    coalesce((
        SELECT true FROM leads_lead AS twin
        JOIN followups_enrolment AS theirs ON theirs.lead_id = twin.id AND theirs.policy_id = new.policy
        JOIN followups_policyversion AS said ON said.id = theirs.version_id
        WHERE twin.email_digest = lead.email_digest AND twin.id <> lead.id
          AND theirs.stopped_at IS NULL AND twin.opted_out_at IS NULL
          AND CASE WHEN theirs.held_out THEN theirs.enrolled_at > new.since ELSE EXISTS (
                  SELECT FROM followups_followup AS step
                  WHERE step.lead_id = twin.id AND step.policy_id = new.policy
                    AND step.status IN ('pending', 'claimed', 'sending')
              ) END
          AND NOT (said.document #>> '{{stops,reply}}' IS DISTINCT FROM 'false'
                   AND twin.turns_heard > theirs.turns_heard)
          AND NOT (said.document #>> '{{stops,outcome}}' IS DISTINCT FROM 'false' AND coalesce((
                  SELECT state FROM leads_outcome WHERE lead_id = twin.id
                  ORDER BY recorded_at DESC, id DESC LIMIT 1
              ), '') IN ({_ENDINGS}))
        LIMIT 1
    ), false)
"""  # noqa: S608 - states of ours
_WHERE = Prepared(
    "policies_of_person",
    f"""
    SELECT new.policy FROM leads_lead AS lead, jsonb_to_recordset($2::jsonb)
        AS new (policy bigint, since timestamptz)
    WHERE lead.id = $1::uuid AND {FOLLOWED_ELSEWHERE}
    """,  # noqa: S608 - a condition of ours
)


def holding(leads: Iterable[UUID]) -> Statement:
    """Has to be run before the statement that looks for other leads of these people, in its transaction."""
    return Statement(_HOLD, [list(leads)])


def since(live: Live, *, now: datetime) -> datetime:
    """A lead that was held out before would be through by now."""
    return now - live.plan.steps[-1].after


def followed_elsewhere(lead: UUID, *, policies: Iterable[Live], now: datetime) -> set[int]:
    """The policies that follow its person up under another lead."""
    asked = [{"policy": live.policy.pk, "since": since(live, now=now)} for live in policies]
    [rows] = run(Statement(_WHERE, [lead, orjson.dumps(asked).decode()]))
    return {policy for (policy,) in rows}
