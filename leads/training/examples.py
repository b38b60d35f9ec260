"""A text with what it is known to tell; None where nobody said."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """`group` names what it came from (a template, a dialogue) and is never split; `weight` is its say."""

    text: str
    group: str
    intent: str | None = None
    sentiment: str | None = None
    urgency: str | None = None
    weight: float = 1.0

    def label(self, task: str) -> str | None:
        """What it tells for "intent", "sentiment" or "urgency"."""
        return {"intent": self.intent, "sentiment": self.sentiment, "urgency": self.urgency}[task]
