"""Whether a step goes out: the facts of its lead in; Send, Hold or Cancel out. Pure.

What is displayed of a step that waits comes from here too, so nobody is told anything else than what happens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from followups.calendar import day_after, is_allowed, local_day, next_allowed
from followups.policy import ENDINGS, Plan, zone_of

# Three days: an outage or a switch that is thrown over a weekend is made good on Monday, and what is older
# would come out of the blue. A policy's later steps know their own time.
LATEST = timedelta(days=3)
NO_TIME = timedelta(days=1)  # a calendar that allows nothing is looked at again after so long

# as in followups.models.Reason, which is no module without a framework
OPTED_OUT = "opted_out"
STOPPED = "stopped"
REPLIED = "replied"
ENDED = "ended"
TOO_LATE = "too_late"
SWITCHED_OFF = "switched_off"
QUIET = "quiet"
LEAD_CAP = "lead_cap"
POLICY_CAP = "policy_cap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A step, its lead and its policy, read together.

    `state` is the lead's newest outcome. `to_lead` counts messages of all policies on the lead's local day,
    `of_policy` those of this policy on a day of its own zone.
    """

    plan: Plan
    planned_at: datetime
    following_at: datetime | None  # when the next step is planned; None for the last
    zone: str  # of the lead, as it was told
    opted_out: bool
    stopped: bool
    turns_heard: int
    turns_before: int  # heard when the lead was enrolled
    state: str | None
    on: bool
    to_lead: int = 0
    of_policy: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """Now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Never."""

    reason: str


Decision = Send | Hold | Cancel


def decide(situation: Situation, *, now: datetime) -> Decision:
    """What becomes of a step that is due."""
    return cancelled(situation, now=now) or _held(situation, now) or Send()


def cancelled(situation: Situation, *, now: datetime) -> Cancel | None:
    """Why a step that was not sent never will be, if nothing changes; None when it may be."""
    if situation.opted_out:  # first: no policy can say otherwise
        return Cancel(OPTED_OUT)
    if situation.stopped:
        return Cancel(STOPPED)
    if situation.plan.stops.reply and situation.turns_heard > situation.turns_before:
        return Cancel(REPLIED)
    if situation.plan.stops.outcome and situation.state in ENDINGS:
        return Cancel(ENDED)
    return Cancel(TOO_LATE) if now >= too_late_at(situation) else None


def too_late_at(situation: Situation) -> datetime:
    """When a step is dropped: at the next one's time, which says it better, and after three days in any case.

    Steps that quiet hours put at one moment are each in time: the caps spread them.
    """
    latest = situation.planned_at + LATEST
    if situation.following_at is None or situation.following_at <= situation.planned_at:
        return latest
    return min(situation.following_at, latest)


def _held(situation: Situation, now: datetime) -> Hold | None:
    hours, caps = situation.plan.hours, situation.plan.caps
    zone = lead_zone(situation)
    if not situation.on:
        return Hold(now, SWITCHED_OFF)
    if not is_allowed(now, hours=hours, zone_name=zone):
        return Hold(_allowed_after(now, situation), QUIET)
    if caps.lead_per_day is not None and situation.to_lead >= caps.lead_per_day:
        return Hold(_allowed_after(day_after(now, zone_name=zone), situation), LEAD_CAP)
    if caps.policy_per_day is not None and situation.of_policy >= caps.policy_per_day:
        return Hold(_allowed_after(day_after(now, zone_name=hours.zone), situation), POLICY_CAP)
    return None


def lead_zone(situation: Situation) -> str:
    """By whose clock the lead lives."""
    return zone_of(situation.plan.hours, situation.zone)


def on_day_of(moments: Iterable[datetime], *, now: datetime, zone_name: str) -> int:
    """How many of the moments fall on the local day of `now`."""
    today = local_day(now, zone_name=zone_name)
    return sum(local_day(moment, zone_name=zone_name) == today for moment in moments)


def _allowed_after(moment: datetime, situation: Situation) -> datetime:
    found = next_allowed(moment, hours=situation.plan.hours, zone_name=lead_zone(situation))
    return found or moment + NO_TIME
