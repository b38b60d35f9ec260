"""What was said, on the page of a lead: read, and corrected where it was misunderstood."""

from typing import Any

from django.contrib import admin
from django.db.models import Max
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from leads import correcting
from leads.models import Message, Role

NEWEST = 50  # turns on a page


class TurnsFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The newest turns of a conversation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        lead, turns = kwargs.get("instance"), kwargs.get("queryset")
        if lead is not None and turns is not None:
            last = Message.objects.filter(lead=lead).aggregate(last=Max("position"))["last"] or 0
            kwargs["queryset"] = turns.filter(position__gt=last - NEWEST)
        super().__init__(*args, **kwargs)

    def add_fields(self, form: Any, index: int | None) -> None:
        """An agent's turn tells nothing that could be corrected."""
        super().add_fields(form, index)
        for name in correcting.FIELDS:
            if name in form.fields:
                form.fields[name].disabled = form.instance.role == Role.AGENT


class TurnInline(admin.TabularInline):  # type: ignore[type-arg]
    """One row for each turn, with what it was taken for and what a person says instead."""

    model = Message
    formset = TurnsFormSet
    fields = ["turn", "text", "understood", *correcting.FIELDS]
    readonly_fields = ["turn", "text", "understood"]
    ordering = ["position"]
    extra = 0
    can_delete = False
    verbose_name_plural = (
        f"conversation, the newest {NEWEST} turns, without what is personal; correct what was misunderstood,"
        " and the next score and training hear it"
    )

    @admin.display(description="turn")
    def turn(self, message: Message) -> SafeString:
        """Who, and when."""
        who = "lead" if message.role == Role.LEAD else "agent"
        return format_html("{} {}<br>{}", message.position, who, f"{message.sent_at:%Y-%m-%d %H:%M}")

    @admin.display(description="understood as")
    def understood(self, message: Message) -> SafeString | str:
        """With the words that decided; nothing for an agent's turn."""
        if not message.intent:
            return ""
        judged = (
            (message.get_intent_display(), message.intent_confidence, "intent"),
            (message.get_sentiment_display(), message.sentiment_confidence, "sentiment"),
            (f"{message.get_urgency_display()} urgency", message.urgency_confidence, "urgency"),
        )
        told = format_html_join(
            "",
            "<div>{} <span class='quiet'>{}</span></div>",
            ((label, _grounds(sure, message.words.get(name, ()))) for label, sure, name in judged),
        )
        if message.corrected_at is None:
            return told
        return format_html(
            "{}<div class='quiet'>corrected by {}, {}</div>",
            told, message.corrected_by, f"{message.corrected_at:%Y-%m-%d}",
        )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Messages come by the API."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was said stays until it is erased with the lead."""
        return False


def corrected(formset: Any, *, by: str) -> None:
    """Keep what a person says of turns."""
    for message in formset.save(commit=False):
        correcting.correct(
            message=message,
            intent=message.corrected_intent,
            sentiment=message.corrected_sentiment,
            urgency=message.corrected_urgency,
            by=by,
            now=now(),
        )


def _grounds(confidence: float | None, words: Any) -> str:
    named = ", ".join(words)
    return f"{confidence or 0:.0%}: {named}" if named else f"{confidence or 0:.0%}"
