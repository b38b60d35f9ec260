"""What a message tells about its lead: intent, sentiment and urgency, each with its grounds. Pure types."""

from dataclasses import dataclass
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
