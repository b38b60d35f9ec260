"""Whatever happens, in whatever order: the rows say what a model of a few lines says."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from customerops.erasing import erase
from followups.beginning import Begun, begin
from followups.claiming import Claimed, claim, give_back, reclaim
from followups.completing import Result, complete
from followups.models import FollowUp, Policy
from followups.preparing import prepare
from followups.tests.cast import HOUR, MINUTE, NOON, ended, lead, leases_end, policy, switch
from leads import services
from leads.models import Lead, Message
from leads.people import Subject

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent"), pytest.mark.slow]

UNSURE = ("crashed", "no_answer")
RETRIES = 2  # of both channels
ENDS = ("sent", "refused", "not now", "no answer")
DELAYS = {"once": (10 * MINUTE, 40 * HOUR), "often": (20 * MINUTE,)}


@dataclass
class Person:
    """What decides about a lead."""

    pk: UUID
    opted_out: bool = False
    replied: bool = False
    state: str = ""


@dataclass
class Step:
    """What a row should say."""

    person: Person
    policy: str
    planned: datetime
    following: datetime | None
    due: datetime
    status: str = "pending"
    reason: str = ""
    fence: int = 0
    attempts: int = 0
    silent: bool = False  # its lease has ended

    @property
    def repeatable(self) -> bool:
        return self.policy == "often"

    @property
    def unsure(self) -> bool:
        return self.reason in UNSURE

    def becomes(self, status: str, reason: str, *, keeps: bool = False) -> None:
        self.status, self.silent = status, False
        self.reason = self.reason if keeps and self.unsure else reason


@dataclass
class World:
    """The model."""

    now: datetime = NOON
    on: dict[str, bool] = field(default_factory=lambda: {"once": True, "often": True, "all": True})
    people: dict[UUID, Person] = field(default_factory=dict)
    steps: dict[UUID, Step] = field(default_factory=dict)
    effects: Counter[UUID] = field(default_factory=Counter)

    def sends(self, step: Step) -> bool:
        return self.on[step.policy] and self.on["all"]

    def due(self) -> list[Step]:
        waiting = (one for one in self.steps.values() if one.status == "pending" and self.sends(one))
        return sorted((one for one in waiting if one.due <= self.now), key=lambda one: one.due)

    def verdict(self, step: Step) -> str:
        """Why it must not go out; empty when it may."""
        person = step.person
        latest = min(
            step.planned + timedelta(days=3), step.following or datetime.max.replace(tzinfo=NOON.tzinfo)
        )
        return next(
            reason
            for reason, holds in [
                ("opted_out", person.opted_out),
                ("replied", person.replied),
                ("ended", person.state in ("booked", "spam")),
                ("too_late", self.now >= latest),
                ("switched_off", not self.sends(step)),
                ("", True),
            ]
            if holds
        )


class FollowUps(RuleBasedStateMachine):
    """Leads, workers that die, and people who change their mind."""

    claims = Bundle("claims")
    sends = Bundle("sends")

    @initialize()
    def begins(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE leads_lead, followups_policy, followups_switch, privacy_tombstone CASCADE"
            )
        self.world = World()
        self.policies = {
            name: policy(
                *(f"{delay // MINUTE}m" for delay in delays), name=name,
                channel={"once": "scripted", "often": "repeatable"}[name],
                hours={"quiet": []}, caps={"lead_per_day": None},
            )
            for name, delays in DELAYS.items()
        }  # fmt: skip

        for _ in range(2):
            self.a_lead_comes_in()
        self.world.now += 30 * MINUTE

    @rule()
    def a_lead_comes_in(self) -> None:
        ada = lead(self.world.now, contact=None)
        person = self.world.people[ada.pk] = Person(ada.pk)
        rows = {(row.policy.name, row.step): row.pk for row in FollowUp.objects.filter(lead=ada)}
        expected = {name for name in DELAYS if self.world.on[name]}
        assert {name for name, _ in rows} == expected
        for name in expected:
            times = [self.world.now + delay for delay in DELAYS[name]]
            for number, (planned, following) in enumerate(zip(times, [*times[1:], None], strict=True), 1):
                step = Step(person, name, planned, following, planned)
                self.world.steps[rows[name, number]] = step

    @rule(minutes=st.sampled_from([1, 15, 60, -2 * 60, -30 * 60, 41 * 60]))
    def time_passes_or_the_clock_jumps(self, minutes) -> None:
        self.world.now += minutes * MINUTE

    @rule(target=claims, most=st.integers(1, 4))
    def a_worker_claims(self, most):
        due = self.world.due()
        found = claim(worker="one", now=self.world.now, most=most)
        assert len(found) == min(most, len(due))
        assert sorted(self.world.steps[one.id].due for one in found) == [one.due for one in due[:most]]
        for one in found:
            step = self.world.steps[one.id]
            step.becomes("claimed", step.reason)
            step.fence += 1
            assert one.fence == step.fence
        return multiple(*found)

    @rule(claimed=claims)  # twice as well: the second comes too late
    def a_worker_gives_back(self, claimed: Claimed) -> None:
        give_back(claimed=[claimed], now=self.world.now)
        step = self.world.steps.get(claimed.id)
        if step and (step.status, step.fence) == ("claimed", claimed.fence):
            step.becomes("pending", step.reason)

    @rule(target=sends, claimed=consumes(claims))
    def a_worker_begins(self, claimed: Claimed):
        begun = begin(ready=prepare([claimed]), now=self.world.now).begun
        step = self.world.steps.get(claimed.id)
        if not step or (step.status, step.fence, step.silent) != ("claimed", claimed.fence, False):
            assert begun == []
            return multiple()
        verdict = self.world.verdict(step)
        if not verdict:
            step.becomes("sending", "", keeps=True)
            step.attempts += 1
            [one] = begun
            return one
        assert begun == []
        if verdict == "switched_off":
            step.due = self.world.now
            step.becomes("pending", verdict, keeps=True)
        else:
            step.becomes("in_doubt" if step.unsure else "cancelled", verdict, keeps=True)
        return multiple()

    @rule(
        one=consumes(sends),
        result=st.sampled_from(["sent", "refused", "not now", "no answer"]),
        arrives=st.booleans(),
    )
    def a_send_ends(self, one: Begun, result: str, arrives: bool) -> None:
        id, fence = one.ready.claimed.id, one.ready.claimed.fence
        if result == "sent" or (result == "no answer" and arrives):
            self.world.effects[id] += 1
        again = self.world.now + MINUTE
        told, status, reason = {
            "sent": ((Result.SENT, {"said": "Still there?"}), "sent", ""),
            "refused": ((Result.FAILED, {"reason": "refused"}), "failed", "refused"),
            "not now": ((Result.RETRY, {"reason": "retry", "due_at": again}), "pending", "retry"),
            "no answer": (
                (Result.RETRY, {"reason": "no_answer", "due_at": again})
                if one.ready.repeatable
                else (Result.IN_DOUBT, {"reason": "no_answer"}),
                "pending" if one.ready.repeatable else "in_doubt",
                "no_answer",
            ),
        }[result]
        kind, values = told
        complete(completions=[ended(one, kind, self.world.now, **values)], now=self.world.now)
        step = self.world.steps.get(id)
        if not step or step.fence != fence or step.status in ("sent", "failed", "cancelled"):
            return
        if status == "failed" and one.ready.unsure:
            status, reason = "in_doubt", "no_answer"
        step.becomes(status, reason, keeps=status == "pending" and one.ready.unsure)
        step.due = again if status == "pending" else step.due

    @rule(one=consumes(sends), arrives=st.booleans())
    def a_worker_dies_while_it_sends(self, one: Begun, arrives: bool) -> None:
        self.world.effects[one.ready.claimed.id] += arrives

    @rule(collects=st.booleans())
    def every_worker_falls_silent(self, collects: bool) -> None:
        leases_end()
        for step in self.world.steps.values():
            step.silent = step.status in ("claimed", "sending")
        if collects:
            self.leases_are_collected()

    @rule()
    def leases_are_collected(self) -> None:
        taken = {one.id: one for one in reclaim(now=self.world.now)}
        for id, step in self.world.steps.items():
            assert step.silent == (id in taken)
            if not step.silent:
                continue
            if step.status == "claimed":
                step.becomes("pending", step.reason)
            else:
                again = step.repeatable and step.attempts <= RETRIES
                step.becomes("pending" if again else "in_doubt", "crashed")

    @rule(policy=st.sampled_from(["once", "often", "all"]), on=st.booleans())
    def a_switch_is_thrown(self, policy: str, on: bool) -> None:
        switch(self.policies.get(policy), on=on)
        self.world.on[policy] = on

    @precondition(lambda self: self.world.people)
    @rule(data=st.data(), what=st.sampled_from(["reply", "opt out", "book", "correct", "erase"]))
    def a_person_acts(self, data, what) -> None:
        person = data.draw(st.sampled_from(list(self.world.people.values())))
        {
            "reply": self._reply, "opt out": self._opt_out, "erase": self._erase,
            "book": lambda one: self._end(one, "booked"), "correct": lambda one: self._end(one, "qualified"),
        }[what](person)  # fmt: skip

    def _reply(self, person: Person) -> None:
        with transaction.atomic():
            held = services.held(person.pk)
            services.note_signals(lead=held, signals={}, opts_out=False, now=self.world.now, turns=1)
        person.replied = True

    def _opt_out(self, person: Person) -> None:
        services.opt_out(lead=Lead(pk=person.pk), now=self.world.now)
        person.opted_out = True

    def _end(self, person: Person, state: str) -> None:
        one = Lead.objects.get(pk=person.pk)
        services.record_outcome(lead=one, state=state, now=max(self.world.now, one.created_at))
        person.state = state

    def _erase(self, person: Person) -> None:
        erase(subject=Subject.lead(person.pk), actor="ben", reason="asked", now=self.world.now)
        del self.world.people[person.pk]
        self.world.steps = {id: step for id, step in self.world.steps.items() if step.person is not person}

    @invariant()
    def rows_say_what_the_model_says(self) -> None:
        rows = FollowUp.objects.values_list("pk", "status", "reason", "fence", "attempts", "due_at")
        told = {pk: tuple(row) for pk, *row in rows}
        assert told == {
            id: (step.status, step.reason, step.fence, step.attempts, step.due)
            for id, step in self.world.steps.items()
        }

    @invariant()
    def nobody_who_acts_twice_gets_anything_twice(self) -> None:
        for id, step in self.world.steps.items():
            if not step.repeatable:
                assert self.world.effects[id] <= 1
            if step.status == "cancelled":
                assert self.world.effects[id] == 0

    @invariant()
    def what_was_sent_is_a_turn_of_its_conversation(self) -> None:
        turns = Counter(Message.objects.values_list("lead", flat=True))
        sent = Counter(step.person.pk for step in self.world.steps.values() if step.status == "sent")
        assert turns == sent


def test_rows_follow_the_model_whatever_happens():
    run_state_machine_as_test(
        FollowUps,
        settings=settings(
            max_examples=25, stateful_step_count=50, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )  # fmt: skip
    assert Policy.objects.exists()
