"""Why a policy that is on did not take a lead in: what is known of the lead in, reasons out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from followups.policy import ENDINGS, Facts, Plan, unmet

WARM = timedelta(days=2)  # since a lead came in, or wrote

# words for programs
CONDITIONS = "conditions"
OPTED_OUT = "opted_out"
ENDED = "ended"
SWITCHED_ON_LATER = "switched_on_later"
SAME_PERSON = "same_person"
NOT_HEARD = "not_heard"
NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Reason:
    """A word for programs, a sentence for people."""

    word: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """A lead that a policy did not take in. `state` is its newest outcome."""

    facts: Facts
    opted_out: bool
    state: str | None
    heard_at: datetime  # when it came in, or wrote last
    on_since: datetime  # the policy
    elsewhere: bool = False  # the policy follows its person up under another lead


def is_warm(heard_at: datetime, *, now: datetime) -> bool:
    """Whether a lead is taken in by itself: who is quiet for longer did not mean to hear from us."""
    return now - heard_at < WARM


def reasons(plan: Plan, outsider: Outsider, *, now: datetime) -> list[Reason]:
    """What keeps it out now; where nothing does, what kept it out so far. Never none."""
    found = refusals(plan, outsider.facts, opted_out=outsider.opted_out, state=outsider.state)
    if outsider.elsewhere:
        found.append(Reason(SAME_PERSON, "the same person is followed up under another lead"))
    if outsider.on_since > outsider.heard_at:
        found.append(
            Reason(
                SWITCHED_ON_LATER,
                f"the policy was switched on at {outsider.on_since:%Y-%m-%d %H:%M} UTC, after it came in or"
                " wrote last",
            )
        )
    elif not is_warm(outsider.heard_at, now=now):
        found.append(
            Reason(
                NOT_HEARD,
                f"nothing was heard from it for {WARM.days} days; a person may enrol it, or an import that"
                " asks for it",
            )
        )
    return found or [
        Reason(
            NOT_ASKED,
            "it fits now, but did not when it came in or wrote last, or an import brought it that asked for"
            " no follow-ups; its next message enrols it, and so may a person",
        )
    ]


def refusals(plan: Plan, facts: Facts, *, opted_out: bool, state: str | None) -> list[Reason]:
    """What keeps a lead out whoever asks; none when it may enter."""
    found = [Reason(CONDITIONS, said) for said in unmet(plan.conditions, facts)]
    if opted_out:
        found.append(Reason(OPTED_OUT, "it opted out"))
    if state in ENDINGS:
        found.append(Reason(ENDED, f"it ended: {state}"))
    return found


def told(found: Sequence[Reason]) -> str:
    """All of them."""
    return "; ".join(reason.sentence for reason in found)
