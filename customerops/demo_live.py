"""Demo leads over HTTP, one after the other, and later how they end: something to watch while it runs."""

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib import error, request

import orjson

from leads import simulation
from leads.simulation import DemoLead

TIMEOUT_SECONDS = 10.0
RETRY_SECONDS = 1.0
REPLY_DAYS = 0.25


class RefusedError(Exception):
    """The server answers, but does not take this; the message says why."""


@dataclass(slots=True)
class Api:
    """A running server. While it is away, calls wait for it to come back; a lead sent twice is one lead."""

    url: str
    key: str
    say: Callable[[str], object]
    away: bool = field(default=False, init=False)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """The answer's body."""
        while True:
            try:
                answer = self._post_once(path, body)
            except (OSError, error.URLError) as problem:
                if not self.away:
                    self.say(f"waiting for {self.url}: {getattr(problem, 'reason', problem)}")
                self.away = True
                time.sleep(RETRY_SECONDS)
            else:
                self.away = False
                return answer

    def _post_once(self, path: str, body: object) -> dict[str, Any]:
        call = request.Request(  # noqa: S310 - the operator's own URL
            self.url.rstrip("/") + path,
            data=orjson.dumps(body),
            headers={"x-api-key": self.key, "Content-Type": "application/json"},
        )
        try:
            with request.urlopen(call, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return dict(orjson.loads(answer.read()))
        except error.HTTPError as refused:
            if (
                refused.code >= HTTPStatus.INTERNAL_SERVER_ERROR
                or refused.code == HTTPStatus.TOO_MANY_REQUESTS
            ):
                raise
            raise RefusedError(
                f"{path} answered {refused.code}: {refused.read().decode()[:300]}"
            ) from refused


@dataclass(order=True, frozen=True, slots=True)
class Due:
    """Something a lead will do."""

    at: float
    lead_id: str
    what: str
    body: dict[str, str] = field(compare=False)

    @property
    def path(self) -> str:
        """Where it is reported."""
        return f"/v1/leads/{self.lead_id}/{self.what}"

    def told(self, answer: dict[str, Any]) -> str:
        """The answer to it, for people."""
        if self.what == "outcome":
            return self.body["state"]
        return f"{_chance(answer)}  says “{answer['messages'][0]['text']}”{_understood(answer)}"


def run(*, api: Api, seed: int, rate: float, day_seconds: float, limit: int | None = None) -> int:
    """Send `rate` leads a second until stopped (or `limit` are sent); answers how many.

    Their endings follow as if a day took `day_seconds`.
    """
    due: list[Due] = []
    sent = 0
    for moment, lead in _arrivals(seed, rate):
        if sent == limit:
            break
        while due and due[0].at <= max(moment, time.monotonic()):
            event = heapq.heappop(due)
            api.say(f"{event.lead_id}  {event.told(api.post(event.path, event.body))}")
        time.sleep(max(0.0, moment - time.monotonic()))
        answer = api.post("/v1/leads", _body(lead))
        sent += 1
        api.say(_line(lead, answer))
        for event in _to_come(lead, str(answer["lead_id"]), day_seconds):
            heapq.heappush(due, event)
    return sent


def _to_come(lead: DemoLead, lead_id: str, day_seconds: float) -> Iterator[Due]:
    """What the lead will say, and how it will end."""
    born = time.monotonic()
    if lead.says.later:
        yield Due(born + REPLY_DAYS * day_seconds, lead_id, "messages", {"text": lead.says.later})
    for ending in lead.endings:
        days = (ending.occurred_at - lead.created_at).total_seconds() / 86_400
        yield Due(born + days * day_seconds, lead_id, "outcome", {"state": ending.state, "source": "demo"})


def _arrivals(seed: int, rate: float) -> Iterator[tuple[float, DemoLead]]:
    """Leads with the moment each is due. After a pause of the server nobody catches up in a burst."""
    moment = time.monotonic()
    for number in count(time.time_ns() // 1_000_000):  # at up to 1,000/s no later run meets these numbers
        yield (
            moment,
            simulation.lead(seed=seed, day=datetime.now(UTC).date(), number=number, era=simulation.AFTER),
        )
        moment = max(moment + 1 / rate, time.monotonic())


def _body(lead: DemoLead) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "external_id": lead.external_id,
        "source": lead.source,
        "attributes": lead.attributes,
        "matures_at": now + simulation.HORIZON,
        "message": lead.says.first or None,
    }


def _line(lead: DemoLead, answer: dict[str, Any]) -> str:
    if answer["probability"] is None:
        return f"{answer['lead_id']}  no model yet  {lead.source}, {lead.attributes['service']}"
    strongest = sorted(answer["reasons"], key=lambda reason: -abs(reason["effect"]))[:2]
    why = "; ".join(f"{'+' if reason['effect'] > 0 else '-'} {reason['text']}" for reason in strongest)
    return f"{answer['lead_id']}  {_chance(answer)}  {why}{_understood(answer)}"


def _chance(answer: dict[str, Any]) -> str:
    return "no score" if answer["probability"] is None else f"{answer['probability']:.2f} {answer['grade']}"


def _understood(answer: dict[str, Any]) -> str:
    """What the newest message was taken for."""
    if not answer.get("messages"):
        return ""
    intent, sentiment, urgency = (
        answer["messages"][-1][of]["label"] for of in ("intent", "sentiment", "urgency")
    )
    return f"  ({intent}, {sentiment}, {urgency} urgency)"
