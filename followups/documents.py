"""A policy as JSON, read strictly: what the API takes, the admin's form makes, and a version holds."""

from collections.abc import Mapping
from datetime import time
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from rest_framework import serializers

from followups import durations
from followups.policy import (
    EVERY_DAY,
    LONGEST_DELAY,
    MOST_STEPS,
    Caps,
    Conditions,
    Hours,
    Plan,
    Step,
    Stops,
    Window,
)
from leads.models import Grade
from leads.signals import Intent

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_SUBJECT, LONGEST_BODY, LONGEST_SOURCE = 200, 10_000, 100
MOST_HELD_OUT = 0.9
MOST_CAP = 1_000_000
MOST_LISTED = 100
CLOCK = ["%H:%M"]


class DocumentError(ValueError):
    """The document is no policy; `faults` are DRF's, nested as the document is."""

    def __init__(self, faults: Any) -> None:
        super().__init__("this is no policy")
        self.faults = faults


class Strict(serializers.Serializer[Any]):
    """A misspelt key is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError."""
        if isinstance(data, Mapping) and (unknown := sorted(map(str, set(data) - set(self.fields)))):
            raise serializers.ValidationError(dict.fromkeys(unknown, "is not a field of a policy"))
        return super().to_internal_value(data)


class DelayField(serializers.CharField):
    """`30m`, `2h`, `1d 12h`."""

    def to_internal_value(self, data: Any) -> Any:
        """A timedelta. Raises ValidationError."""
        try:
            delay = durations.parse(super().to_internal_value(data))
        except durations.DurationError as error:
            raise serializers.ValidationError(str(error)) from error
        if delay > LONGEST_DELAY:
            raise serializers.ValidationError(f"is longer than {LONGEST_DELAY.days} days")
        return delay

    def to_representation(self, value: Any) -> str:
        """The shortest form."""
        return durations.spelled(value)


class StepShape(Strict):
    """One message."""

    after = DelayField(help_text="From the enrolment, such as 30m, 2h or 1d 12h")
    channel = serializers.CharField(max_length=20)
    subject = serializers.CharField(
        max_length=LONGEST_SUBJECT, required=False, default="", allow_blank=True, trim_whitespace=True
    )
    body = serializers.CharField(max_length=LONGEST_BODY, trim_whitespace=False)
    receiver = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)


class ConditionsShape(Strict):
    """Which leads enter; an empty list means any."""

    sources = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_SOURCE), required=False, max_length=MOST_LISTED
    )
    grades = serializers.ListField(child=serializers.ChoiceField(choices=Grade.choices), required=False)
    intents = serializers.ListField(
        child=serializers.ChoiceField(choices=[label.value for label in Intent]),
        required=False,
        help_text="Of the newest message",
    )
    score_from = serializers.FloatField(min_value=0, max_value=1, required=False)
    score_to = serializers.FloatField(min_value=0, max_value=1, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A range with something in it."""
        if attrs.get("score_from", 0.0) > attrs.get("score_to", 1.0):
            raise serializers.ValidationError({"score_to": "is below score_from"})
        return attrs


class WindowShape(Strict):
    """Local times from `start` until before `end`; one that ends earlier goes on into the next day."""

    days = serializers.ListField(
        child=serializers.ChoiceField(choices=DAYS), required=False, help_text="Every day, when left out"
    )
    start = serializers.TimeField(input_formats=CLOCK, format="%H:%M")
    end = serializers.TimeField(input_formats=CLOCK, format="%H:%M")


class HoursShape(Strict):
    """When a message may go out, by the lead's own clock."""

    zone = serializers.CharField(
        max_length=64,
        required=False,
        help_text="For leads whose time zone nobody told, such as Europe/Lisbon",
    )
    quiet = WindowShape(many=True, required=False, help_text="21:00 to 08:00, when left out")
    quiet_dates = serializers.ListField(
        child=serializers.DateField(), required=False, max_length=MOST_LISTED * 10
    )
    windows = WindowShape(many=True, required=False, help_text="None: whenever it is not quiet")

    def validate_zone(self, zone: str) -> str:
        """One that this machine knows."""
        if zone not in available_timezones():
            raise serializers.ValidationError("is not a known time zone, such as Europe/Lisbon")
        return zone


class CapsShape(Strict):
    """How many messages at most; null: no limit."""

    lead_per_day = serializers.IntegerField(
        min_value=1, max_value=MOST_CAP, required=False, allow_null=True, help_text="Of all policies together"
    )
    policy_per_day = serializers.IntegerField(
        min_value=1, max_value=MOST_CAP, required=False, allow_null=True
    )


class StopsShape(Strict):
    """What ends it for a lead. Opting out always does."""

    reply = serializers.BooleanField(required=False)
    outcome = serializers.BooleanField(
        required=False, help_text="One that ends the lead: booked, ghosted, unqualified or spam"
    )


class PlanShape(Strict):
    """What a policy says."""

    steps = StepShape(many=True, min_length=1, max_length=MOST_STEPS)  # type: ignore[call-arg]
    conditions = ConditionsShape(required=False)
    hours = HoursShape(required=False)
    caps = CapsShape(required=False)
    stops = StopsShape(required=False)
    hold_out = serializers.FloatField(
        min_value=0, max_value=MOST_HELD_OUT, required=False, help_text="The share of leads that get nothing"
    )

    def validate_steps(self, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each later than the one before it."""
        for number, (one, following) in enumerate(pairwise(steps), 2):
            if following["after"] <= one["after"]:
                raise serializers.ValidationError(f"step {number} is not after step {number - 1}")
        return steps


def read(document: object) -> Plan:
    """The plan. Raises DocumentError."""
    shape = PlanShape(data=document)
    if not shape.is_valid():
        raise DocumentError(shape.errors)
    found = shape.validated_data
    return Plan(
        steps=tuple(Step(**step) for step in found["steps"]),
        conditions=_conditions(found.get("conditions", {})),
        hours=_hours(found.get("hours", {})),
        caps=Caps(**found.get("caps", {})),
        stops=Stops(**found.get("stops", {})),
        hold_out=found.get("hold_out", 0.0),
    )


def written(plan: Plan) -> dict[str, Any]:
    """The document, every default spelled out: what `read` reads as the same plan."""
    hours = plan.hours
    return {
        "steps": [
            {
                "after": durations.spelled(step.after),
                "channel": step.channel,
                "subject": step.subject,
                "body": step.body,
                "receiver": step.receiver,
            }
            for step in plan.steps
        ],
        "conditions": {
            "sources": sorted(plan.conditions.sources),
            "grades": sorted(plan.conditions.grades),
            "intents": sorted(plan.conditions.intents),
            "score_from": plan.conditions.score_from,
            "score_to": plan.conditions.score_to,
        },
        "hours": {
            "zone": hours.zone,
            "quiet": [_window_written(window) for window in hours.quiet],
            "quiet_dates": [day.isoformat() for day in sorted(hours.quiet_dates)],
            "windows": [_window_written(window) for window in hours.windows],
        },
        "caps": {
            "lead_per_day": plan.caps.lead_per_day,
            "policy_per_day": plan.caps.policy_per_day,
        },
        "stops": {"reply": plan.stops.reply, "outcome": plan.stops.outcome},
        "hold_out": plan.hold_out,
    }


def _conditions(found: Mapping[str, Any]) -> Conditions:
    sets: dict[str, Any] = {name: frozenset(found.get(name, ())) for name in ("sources", "grades", "intents")}
    scores = {name: found[name] for name in ("score_from", "score_to") if name in found}
    return Conditions(**sets, **scores)


def _hours(found: Mapping[str, Any]) -> Hours:
    given: dict[str, Any] = {name: found[name] for name in ("zone",) if name in found}
    for name in ("quiet", "windows"):
        if name in found:
            given[name] = tuple(_window(window) for window in found[name])
    return Hours(quiet_dates=frozenset(found.get("quiet_dates", ())), **given)


def _window(found: Mapping[str, Any]) -> Window:
    days = frozenset(DAYS.index(day) for day in found["days"]) if found.get("days") else EVERY_DAY
    return Window(days, found["start"], found["end"])


def _window_written(window: Window) -> dict[str, Any]:
    return {
        "days": [DAYS[day] for day in sorted(window.days)],
        "start": _clock(window.start),
        "end": _clock(window.end),
    }


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"
