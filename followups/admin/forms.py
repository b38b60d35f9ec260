"""A policy as a form: fields for people, which become the JSON document and take its faults back."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BaseFormSet, formset_factory

from followups.admin import lines
from followups.channels import channels
from followups.documents import LONGEST_BODY, LONGEST_SUBJECT, MOST_HELD_OUT
from followups.models import Receiver
from followups.policy import MOST_STEPS, Caps
from leads.models import Grade, Lead
from leads.signals import Intent

EMPTY_STEPS = 3  # cards to fill in
NEWEST = 5_000  # leads whose sources are offered


class ReasonForm(forms.Form):
    """Why. What is personal in it is not stored."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.TextInput(attrs={"size": 80, "autofocus": True}),
        help_text="Kept without names and numbers of people. Write it for whoever asks in a year.",
    )


def _checks(choices: Sequence[tuple[str, str]], **field: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=choices, required=False, widget=forms.CheckboxSelectMultiple, **field
    )


def _lines(rows: int = 2, **field: Any) -> forms.CharField:
    return forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": rows, "cols": 30}), **field)


class PolicyForm(forms.Form):
    """Everything but the steps."""

    name = forms.CharField(max_length=100, help_text="What people call it; it stays.")
    delays = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "30m, 2h, 1d"}),
        help_text="A shortcut: when each step goes out, counted from when the lead comes in. It replaces the "
        "times below; steps without a text of their own repeat the last one.",
    )
    sources = _checks([], help_text="Nothing chosen: any source.")
    other_sources = forms.CharField(
        required=False, max_length=2000, help_text="Sources not seen yet, with commas between."
    )
    grades = _checks(
        Grade.choices, help_text="By the score, A is the best fifth. Nothing chosen: any, even none."
    )
    intents = _checks(
        [(intent.value, intent.value.replace("_", " ")) for intent in Intent],
        label="Newest message is about",
        help_text="Nothing chosen: anything, even if it never wrote.",
    )
    score_from = forms.FloatField(
        min_value=0,
        max_value=100,
        required=False,
        label="Chance from, %",
        help_text="Of booking. Empty: any.",
    )
    score_to = forms.FloatField(
        min_value=0, max_value=100, required=False, label="Chance to, %", help_text="Empty: any."
    )
    zone = forms.CharField(
        max_length=64,
        initial="UTC",
        label="Time zone",
        widget=forms.TextInput(attrs={"list": "zones"}),
        help_text="Of leads whose own nobody told. All others are written to by their own clock.",
    )
    quiet = _lines(
        label="Never at", initial="21:00-08:00", help_text="One a line: 21:00-08:00, or sat-sun 00:00-00:00."
    )
    windows = _lines(
        label="Only at", help_text="One a line: mon-fri 09:00-17:00. Empty: whenever it is not quiet."
    )
    quiet_dates = _lines(label="Never on", help_text="Days such as 2026-12-25.")
    lead_per_day = forms.IntegerField(
        min_value=1,
        required=False,
        initial=Caps().lead_per_day,
        label="To one lead a day",
        help_text="Of all policies. Empty: no limit.",
    )
    policy_per_day = forms.IntegerField(
        min_value=1, required=False, label="In all a day", help_text="Of this policy. Empty: no limit."
    )
    stop_reply = forms.BooleanField(required=False, initial=True, label="Stop when the lead answers")
    stop_outcome = forms.BooleanField(
        required=False, initial=True, label="Stop when the lead booked, ghosted, is unqualified or spam"
    )
    hold_out = forms.FloatField(
        min_value=0,
        max_value=MOST_HELD_OUT * 100,
        initial=10,
        label="Hold out, %",
        help_text="So many leads, drawn by lot, get nothing: only they can tell what following up is worth.",
    )

    def __init__(self, *args: Any, stored: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if stored:
            del self.fields["name"]
        chosen = self.initial.get("sources") or []
        seen = sorted({*sources_seen(), *chosen})
        self.fields["sources"].choices = [(source, source) for source in seen]  # type: ignore[attr-defined]

    def clean_quiet(self) -> list[dict[str, object]]:
        """As a document has it."""
        return self._windows("quiet")

    def clean_windows(self) -> list[dict[str, object]]:
        """As a document has it."""
        return self._windows("windows")

    def clean_quiet_dates(self) -> list[str]:
        """As a document has it."""
        try:
            return lines.dates(self.cleaned_data["quiet_dates"])
        except lines.LineError as error:
            raise forms.ValidationError(str(error)) from error

    def _windows(self, field: str) -> list[dict[str, object]]:
        try:
            return lines.windows(self.cleaned_data[field])
        except lines.LineError as error:
            raise forms.ValidationError(str(error)) from error


class StepForm(forms.Form):
    """One message. A card without time and text is none."""

    after = forms.CharField(
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"size": 10, "placeholder": "2h"}),
        help_text="30m, 2h, 1d 12h after the lead comes in.",
    )
    channel = forms.ChoiceField(help_text="How it is sent.")
    receiver = forms.CharField(
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "receivers"}),
        help_text="Whom the channel hands it to, where it needs one.",
    )
    subject = forms.CharField(
        required=False, max_length=LONGEST_SUBJECT, widget=forms.TextInput(attrs={"size": 60})
    )
    body = forms.CharField(
        required=False,
        max_length=LONGEST_BODY,
        strip=False,
        label="Text",
        widget=forms.Textarea(attrs={"rows": 6, "cols": 70}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(name, name) for name in channels()]  # type: ignore[attr-defined]

    @property
    def is_empty(self) -> bool:
        """Whether nobody wrote anything."""
        return not any(self.cleaned_data.get(name) for name in ("after", "body", "subject"))


StepFormSet: "type[BaseFormSet[StepForm]]" = formset_factory(
    StepForm, extra=EMPTY_STEPS, max_num=MOST_STEPS, absolute_max=MOST_STEPS + EMPTY_STEPS
)


def sources_seen() -> set[str]:
    """Of the newest leads."""
    newest = Lead.objects.order_by("-created_at", "-pk").values_list("source", flat=True)[:NEWEST]
    return {source for source in newest if source}


def receivers() -> list[str]:
    """Whom a webhook may be handed to."""
    return list(Receiver.objects.filter(disabled_at=None).order_by("name").values_list("name", flat=True))


def zones() -> list[str]:
    """All there are."""
    return sorted(available_timezones())


def initial(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows of a stored policy."""
    conditions, hours = document["conditions"], document["hours"]
    return {
        "sources": conditions["sources"],
        "grades": conditions["grades"],
        "intents": conditions["intents"],
        "score_from": _percent(conditions["score_from"]) or None,
        "score_to": _percent(conditions["score_to"]) if conditions["score_to"] < 1 else None,
        "zone": hours["zone"],
        "quiet": lines.spelled(hours["quiet"]),
        "windows": lines.spelled(hours["windows"]),
        "quiet_dates": "\n".join(hours["quiet_dates"]),
        **document["caps"],
        "stop_reply": document["stops"]["reply"],
        "stop_outcome": document["stops"]["outcome"],
        "hold_out": _percent(document["hold_out"]),
    }


def _percent(share: float) -> float:
    percent = round(share * 100, 6)
    return int(percent) if percent == int(percent) else percent
