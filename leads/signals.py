"""What a message tells about its lead: intent, sentiment and urgency, each with its grounds. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class Intent(StrEnum):
    """What the person wants; the closed set of a lead desk."""

    BOOK = "book"
    PRICE = "price"
    AVAILABILITY = "availability"
    QUESTION = "question"
    CHANGE = "change"
    CANCEL = "cancel"
    COMPLAINT = "complaint"
    SUPPORT = "support"
    NOT_INTERESTED = "not_interested"
    OPT_OUT = "opt_out"
    SPAM = "spam"
    OTHER = "other"


class Sentiment(StrEnum):
    """How the person sounds."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Urgency(StrEnum):
    """How soon an answer is expected."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A label with its confidence, 0 to 1, and the words of the message that decided, strongest first.

    `score` is -1 to 1 for sentiment, 0 to 1 for urgency, and the confidence itself for an intent.
    """

    label: str
    score: float
    confidence: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What one message tells. `version` names the models that judged."""

    intent: Judgement
    sentiment: Judgement
    urgency: Judgement
    version: str


# What all messages of a lead say together: features of its next score, by their names there.
Signals = Mapping[str, str | float]
PREFIX = "message."
INTENT, URGENCY = "message.intent", "message.urgency"  # of the newest message


def after(signals: Signals, told: Enrichment) -> dict[str, str | float]:
    """The signals of a lead once one more message was heard."""
    sentiment, urgency = round(told.sentiment.score, 3), round(told.urgency.score, 3)
    return {
        "message.count": _number(signals, "message.count", 0) + 1,
        INTENT: told.intent.label,
        "message.sentiment": sentiment,
        "message.sentiment_lowest": min(_number(signals, "message.sentiment_lowest", sentiment), sentiment),
        URGENCY: urgency,
        "message.urgency_highest": max(_number(signals, "message.urgency_highest", urgency), urgency),
    }


# What a label that a person gives stands for: the middle of its range.
_SENTIMENTS = {Sentiment.NEGATIVE: -0.6, Sentiment.NEUTRAL: 0.0, Sentiment.POSITIVE: 0.6}
_URGENCIES = {Urgency.LOW: 0.15, Urgency.NORMAL: 0.45, Urgency.HIGH: 0.85}


def corrected(told: Enrichment, *, intent: str = "", sentiment: str = "", urgency: str = "") -> Enrichment:
    """With the labels a person gave instead; empty ones leave what was judged."""
    return replace(
        told,
        intent=Judgement(Intent(intent), 1.0, 1.0) if intent else told.intent,
        sentiment=Judgement(sentiment, _SENTIMENTS[Sentiment(sentiment)], 1.0)
        if sentiment
        else told.sentiment,
        urgency=Judgement(urgency, _URGENCIES[Urgency(urgency)], 1.0) if urgency else told.urgency,
    )


def _number(signals: Signals, name: str, default: float) -> float:
    return float(signals.get(name, default))
