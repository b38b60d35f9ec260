"""What a channel is. A new one is one file beside this, with a class that extends `Channel`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from followups.models import Reason
from followups.policy import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message as it leaves. `id` is the same in every attempt: the idempotency key."""

    id: UUID
    lead_id: UUID
    external_id: str | None
    policy: str
    step: int
    attempt: int  # 1 for the first
    planned_at: datetime  # when the policy wanted it, the same in every attempt
    subject: str
    body: str
    contact: Mapping[str, str]
    unsubscribe_url: str  # empty while PUBLIC_URL is not set


class Undeliverable(Exception):
    """It was certainly not delivered, and no other attempt will be either.

    With `disables` nothing more should go to this target: `Channel.disable` is told.
    """

    def __init__(self, detail: str, *, reason: Reason = Reason.REFUSED, disables: bool = False) -> None:
        super().__init__(detail)
        self.reason, self.disables = reason, disables


class NotNow(Exception):
    """It was certainly not delivered; another attempt may work, not before `after` if that is told."""

    def __init__(self, detail: str, *, after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.after = after


class NoAnswer(Exception):
    """It was handed over, and nobody knows whether it arrived."""


class Channel(ABC):
    """A way to people. `target` and `disable` may use the database; `deliver` runs in a thread without.

    The dispatcher asks `target`, then `repeats` and `place`, and notes the answers in the row when it makes
    it `sending`: after a crash the row alone tells whether the attempt may be repeated, and where.
    """

    name: ClassVar[str]
    retries: ClassVar[Sequence[timedelta]] = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120))
    # No `deliver` takes longer: a lease has to last longer than this.
    longest: ClassVar[timedelta] = timedelta(seconds=30)

    @abstractmethod
    def faults(self, step: Step) -> Mapping[str, str]:
        """What is wrong with a step of a policy, by its field: sentences for whoever writes it."""

    @abstractmethod
    def target(self, step: Step, contact: Mapping[str, str]) -> Any:
        """Where a message of this step goes for this person. Raises Undeliverable and NotNow."""

    @abstractmethod
    def deliver(self, message: Outgoing, target: Any) -> str:
        """Hand it over, within bounded time; answers a receipt. Raises Undeliverable, NotNow, NoAnswer."""

    def repeats(self, target: Any) -> bool:
        """Whether this target takes the same id only once: then an attempt that may have arrived is repeated.

        If not, it is in doubt until a person looks.
        """
        return False

    def place(self, target: Any) -> str:
        """Where it is: an attempt that may have arrived is repeated at the same place only.

        Empty where a target cannot move without becoming another one.
        """
        return ""

    def disable(self, target: Any, why: str) -> None:  # noqa: B027 - most have nothing to disable
        """Nothing more goes there until a person says so."""
