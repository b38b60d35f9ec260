"""What goes on meanwhile: leads come in, people answer or opt out, Prometheus scrapes."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from queue import Empty, PriorityQueue

from benchmarks.chaos import population
from benchmarks.chaos.calling import Caller
from benchmarks.chaos.evidence import Goodbye
from benchmarks.chaos.plan import Plan
from benchmarks.chaos.population import Racer
from benchmarks.chaos.scraping import Scrapes

SPEAKERS = 8
SCRAPE_SECONDS = 2.0
REPLIES = ("Yes, please call me tomorrow.", "How much would it be for two rooms?", "Is next week possible?")
OPT_OUTS = ("STOP", "please stop writing to me", "unsubscribe")


class Traffic:
    """Threads that call the web until told to stop; what they learned stays here."""

    def __init__(self, plan: Plan, caller: Caller, racers: Sequence[Racer]) -> None:
        self.goodbyes: list[Goodbye] = []
        self.promised: list[str] = []
        self.scrapes = Scrapes()
        self._plan, self._caller = plan, caller
        self._chance = random.Random(plan.seed + 1)  # noqa: S311 - made-up people
        self._speaking: PriorityQueue[tuple[float, str, str]] = PriorityQueue()
        for racer in racers:
            self._speaking.put((racer.at, racer.person, racer.lead))
        self._stop = threading.Event()
        work: list[Callable[[], None]] = [self._guests, self._scrape, *[self._speak] * SPEAKERS]
        self._threads = [threading.Thread(target=each, daemon=True) for each in work]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stop.set()

    @property
    def goes_on(self) -> bool:
        """Whether somebody still waits for an answer."""
        return any(thread.is_alive() for thread in self._threads)

    def _guests(self) -> None:
        for number in count():
            if self._stop.wait(self._chance.expovariate(self._plan.guests_a_second)):
                return
            person = f"guest-{number}"
            source = population.guest_source(population.sink_of(number))
            body = {"external_id": person, "source": source, "contact": population.contact_of(person)}
            answer = self._caller.post("/v1/leads", body)
            if answer is None or answer.status not in (200, 201):
                continue
            self.promised.append(person)
            if number % 3 == 0:
                self._speaking.put((time.time() + self._chance.uniform(0, 1), person, answer.body["lead_id"]))

    def _speak(self) -> None:
        while not self._stop.is_set():
            try:
                at, person, lead = self._speaking.get(timeout=0.2)
            except Empty:
                continue
            if self._stop.wait(max(at - time.time(), 0)):
                return
            self._say(person, lead)

    def _say(self, person: str, lead: str) -> None:
        what = self._chance.choice(("reply", "opt-out", "outcome"))
        asked_at = time.time()
        if what == "outcome":
            answer = self._caller.post(f"/v1/leads/{lead}/outcome", {"state": "booked"})
        else:
            text = self._chance.choice(REPLIES if what == "reply" else OPT_OUTS)
            body = {"text": text, "external_id": f"{person}-said"}
            answer = self._caller.post(f"/v1/leads/{lead}/messages", body)
        heard = answer is not None and answer.status in (200, 201)
        self.goodbyes.append(Goodbye(person, what, asked_at, answer.at if answer and heard else None))

    def _scrape(self) -> None:
        while not self._stop.wait(SCRAPE_SECONDS):
            if page := self._caller.get("/metrics"):
                self.scrapes.add(page)
