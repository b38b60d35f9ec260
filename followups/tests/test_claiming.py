"""The queue: who gets which rows, for how long, and what becomes of those whose worker fell silent."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from followups.claiming import LEASE_SECONDS, Claimed, claim, give_back, put_off, reclaim, renew
from followups.models import FollowUp
from followups.tests.cast import (
    HOUR,
    MINUTE,
    NOON,
    begun,
    claimed,
    connection_of_another,
    lead,
    leases_end,
    policy,
    steps,
    switch,
)  # fmt: skip

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent")]


def statuses() -> list[tuple[str, str]]:
    return [(row.status, row.reason) for row in steps()]


def rows(ids) -> list[tuple[str, int]]:
    found = FollowUp.objects.in_bulk([one.id for one in ids])
    return [(found[one.id].policy.name, found[one.id].step) for one in ids]


def test_the_oldest_are_taken_first_whichever_policys_they_are():
    policy("30m", "3h", name="slow")
    policy("20m", "2h", "4h", name="quick")
    lead()
    found = claimed(NOON + 3 * HOUR, most=3)
    assert rows(found) == [("quick", 1), ("slow", 1), ("quick", 2)]
    assert rows(claimed(NOON + 3 * HOUR)) == [("slow", 2)]


def test_nothing_is_taken_before_its_time():
    policy("30m")
    lead()
    assert claimed(NOON + 29 * MINUTE) == []
    assert len(claimed(NOON + 30 * MINUTE)) == 1


def test_what_is_off_is_not_taken_and_goes_on_when_it_is_on():
    nudge = policy("30m")
    lead()
    switch(nudge, on=False)
    assert claimed(NOON + HOUR) == []
    switch(nudge, on=True)
    switch(None, on=False)
    assert claimed(NOON + HOUR) == []
    switch(None, on=True)
    assert len(claimed(NOON + HOUR)) == 1


def test_a_policy_that_never_was_switched_on_sends_nothing():
    policy("30m", on=True)
    lead()
    quiet = policy("30m", name="quiet", on=False)
    FollowUp.objects.update(policy=quiet)
    assert claimed(NOON + HOUR) == []


def test_two_workers_at_once_never_take_the_same_row():
    policy("1m")
    for _ in range(40):
        lead()
    taken, barrier = [], Barrier(4)

    def work(name: str) -> None:
        barrier.wait()
        while found := claim(worker=name, now=NOON + HOUR, most=3):
            taken.extend(found)
        connection.close()

    threads = [Thread(target=work, args=[f"worker {number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len({one.id for one in taken}) == 40
    assert {one.fence for one in taken} == {1}


def test_rows_that_another_transaction_holds_are_passed_over_for_the_next():
    policy("10m", "20m")
    lead()
    first, second = steps()
    with connection_of_another() as other, other.transaction():
        other.execute("SELECT FROM followups_followup WHERE id = %s FOR UPDATE", [first.pk])
        assert [one.id for one in claimed(NOON + HOUR, most=1)] == [second.pk]
    assert [one.id for one in claimed(NOON + HOUR, most=1)] == [first.pk]


def test_a_claim_is_a_lease_by_the_clock_of_postgres():
    policy("30m")
    lead()
    claimed(NOON + 9999 * HOUR)  # whatever the worker believes
    [left] = FollowUp.objects.annotate(left=F("lease_until") - Now()).values_list("left", flat=True)
    assert timedelta(0) < left <= timedelta(seconds=LEASE_SECONDS)


def test_a_claim_that_nobody_renews_goes_back_and_gets_a_new_fence():
    policy("30m")
    lead()
    [first] = claimed(NOON + HOUR)
    assert reclaim(now=NOON + HOUR) == []
    leases_end()
    [taken] = reclaim(now=NOON + HOUR)
    assert (taken.id, taken.sending, taken.in_doubt) == (first.id, False, False)
    assert statuses() == [("pending", "")]
    [second] = claimed(NOON + HOUR, worker="two")
    assert (second.id, second.fence) == (first.id, first.fence + 1)


@pytest.mark.parametrize(
    ("channel", "becomes"), [("scripted", ("in_doubt", "crashed")), ("repeatable", ("pending", "crashed"))]
)
def test_what_was_being_sent_is_repeated_only_where_that_does_no_harm(channel, becomes):
    policy("30m", channel=channel)
    lead()
    [one] = begun(NOON + HOUR)
    leases_end()
    [taken] = reclaim(now=NOON + HOUR)
    assert (taken.id, taken.sending) == (one.ready.claimed.id, True)
    assert statuses() == [becomes]


def test_what_kills_its_worker_each_time_is_not_tried_for_ever():
    policy("30m", channel="repeatable")
    lead()
    for _ in range(3):  # once, and two retries
        [_] = begun(NOON + HOUR)
        leases_end()
        reclaim(now=NOON + HOUR)
    assert statuses() == [("in_doubt", "crashed")]
    assert begun(NOON + HOUR) == []


def test_renewing_keeps_what_is_in_hand_and_nothing_else():
    policy("30m", "40m")
    lead()
    mine, lost = claimed(NOON + HOUR)
    soon = Now() + timedelta(seconds=1)
    FollowUp.objects.update(lease_until=soon)
    renew(ids=[mine.id, lost.id], fences=[mine.fence, lost.fence - 1])
    left = {row.pk: row.left for row in FollowUp.objects.annotate(left=F("lease_until") - Now())}
    assert left[mine.id] > timedelta(seconds=LEASE_SECONDS - 2)
    assert left[lost.id] < timedelta(seconds=1)


@pytest.mark.parametrize("hand", ["renew", "give back"])
def test_rows_that_are_being_taken_away_are_waited_for_by_nobody(hand):
    policy("30m", "40m")
    lead()
    mine, erased = claimed(NOON + HOUR)
    FollowUp.objects.update(lease_until=Now() + timedelta(seconds=1))
    with connection_of_another() as other, other.transaction():
        other.execute("DELETE FROM followups_followup WHERE id = %s", [erased.id])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            if hand == "renew":
                renew(ids=[mine.id, erased.id], fences=[mine.fence, erased.fence])
            else:
                give_back(claimed=[mine, erased], now=NOON + HOUR)
        row = FollowUp.objects.annotate(left=F("lease_until") - Now()).get(pk=mine.id)
        assert row.status == ("claimed" if hand == "renew" else "pending")
        assert hand != "renew" or row.left > timedelta(seconds=LEASE_SECONDS - 2)


def test_what_was_given_back_is_taken_by_another_at_once():
    policy("30m")
    lead()
    [mine] = claimed(NOON + HOUR)
    give_back(claimed=[mine], now=NOON + HOUR)
    [theirs] = claimed(NOON + HOUR, worker="two")
    give_back(claimed=[mine], now=NOON + HOUR)  # late: it is no longer ours to give
    assert FollowUp.objects.get().claimed_by == "two"
    assert theirs == Claimed(mine.id, mine.fence + 1, mine.lead_id)


def test_what_is_put_off_is_due_later_by_whoever_has_it_then():
    later = NOON + HOUR
    policy("30m", hours={"quiet": []})
    lead(), lead(), lead()
    stays, goes, stale = claimed(later)
    late = Claimed(stale.id, stale.fence - 1, stale.lead_id)
    put_off(claimed=[goes, late], seconds=[90.0, 5.0], now=later)
    rows = {row.pk: row for row in FollowUp.objects.all()}
    assert [rows[one.id].status for one in (stays, goes, stale)] == ["claimed", "pending", "claimed"]
    assert rows[goes.id].due_at == later + timedelta(seconds=90)
    assert rows[goes.id].planned_at == NOON + HOUR / 2
    assert claimed(later + timedelta(seconds=89)) == []
    assert [one.id for one in claimed(later + timedelta(seconds=90))] == [goes.id]
