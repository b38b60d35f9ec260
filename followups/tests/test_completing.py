"""How attempts ended: who may write it, what becomes of the row, and what is remembered."""

import pytest

from customerops.erasing import erase
from followups.beginning import begin
from followups.claiming import reclaim
from followups.completing import Result, complete
from followups.models import FollowUp, PolicyDay
from followups.preparing import prepare
from followups.sending import unsent
from followups.tests.cast import (
    HOUR,
    MINUTE,
    NOON,
    begun,
    claimed,
    ended,
    lead,
    leases_end,
    policy,
    somebody_writes_for,
    steps,
)
from leads.models import Message
from leads.people import Subject

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent")]
LATER = NOON + HOUR
TOLD = {"receipt": "ok", "said": "Still there?"}


def one_begun(channel: str = "scripted", **document):
    """A lead, and its only step, being sent."""
    policy("30m", channel=channel, **document)
    ada = lead()
    [one] = begun(LATER)
    return ada, one


def status() -> tuple[str, str]:
    [row] = steps()
    return row.status, row.reason


def write(*completions):
    return complete(completions=completions, now=LATER)


@pytest.mark.parametrize(
    ("result", "told", "row"),
    [
        (Result.SENT, TOLD, ("sent", "")),
        (Result.FAILED, {"reason": "refused"}, ("failed", "refused")),
        (Result.RETRY, {"reason": "retry", "due_at": LATER + MINUTE}, ("pending", "retry")),
        (Result.IN_DOUBT, {"reason": "no_answer"}, ("in_doubt", "no_answer")),
        (Result.UNSENT, {"reason": "", "due_at": LATER}, ("pending", "")),
    ],
)
def test_an_end_is_written_to_the_row(result, told, row):
    _, one = one_begun()
    completion = ended(one, result, LATER, detail="550 no", **told)
    done = write(completion)
    assert (done.written, done.waiting) == ([completion], [])
    assert status() == row
    [stored] = steps()
    assert (stored.detail, stored.lease_until) == ("550 no", None)
    assert stored.sent_at == (LATER if result is Result.SENT else None)
    assert stored.due_at == told.get("due_at", NOON + 30 * MINUTE)


def test_what_was_sent_follows_what_was_said_and_is_remembered_once():
    policy("10m", "20m")
    ada = lead(messages=[])
    first, second = begun(LATER - 45 * MINUTE, most=1) + begun(LATER - 40 * MINUTE)
    texts = ((first, "one"), (second, "two"))
    done = [ended(each, Result.SENT, LATER, receipt="ok", said=text) for each, text in texts]
    write(*done)
    FollowUp.objects.update(status="in_doubt", sent_at=None)
    write(*done)  # as after an answer of Postgres that was lost
    turns = Message.objects.filter(lead=ada).order_by("position").values_list("position", "role", "text")
    assert list(turns) == [(1, "agent", "one"), (2, "agent", "two")]
    assert [row.status for row in steps()] == ["sent", "sent"]


def test_a_write_that_is_repeated_changes_nothing():
    _, one = one_begun()
    done = ended(one, Result.SENT, LATER, **TOLD)
    write(done)
    assert write(done).written == []
    assert (status(), Message.objects.count()) == (("sent", ""), 1)


def test_an_older_fence_writes_nothing():
    _, one = one_begun()
    FollowUp.objects.update(status="pending", lease_until=None)
    [_] = claimed(LATER, worker="two")
    done = write(ended(one, Result.SENT, LATER, **TOLD))
    assert (done.written, done.waiting) == ([], [])
    assert status() == ("claimed", "")
    assert not Message.objects.exists()


@pytest.mark.parametrize("channel", ["scripted", "repeatable"])
@pytest.mark.parametrize(
    ("result", "told", "row"),
    [
        (Result.SENT, TOLD, ("sent", "")),
        (Result.FAILED, {"reason": "refused"}, ("failed", "refused")),
        (Result.RETRY, {"reason": "retry", "due_at": LATER}, ("pending", "retry")),
    ],
)
def test_who_comes_late_with_the_newest_fence_still_knows_best(channel, result, told, row):
    _, one = one_begun(channel)
    leases_end()
    reclaim(now=LATER)
    assert status()[1] == "crashed"
    write(ended(one, result, LATER, **told))
    assert status() == row


@pytest.mark.parametrize("settled", ["sent", "failed", "cancelled"])
def test_what_a_person_settled_stays_settled(settled):
    _, one = one_begun()
    FollowUp.objects.update(status=settled, lease_until=None, sent_at=NOON)
    assert write(ended(one, Result.RETRY, LATER, reason="retry", due_at=LATER)).written == []
    assert status() == (settled, "")


@pytest.mark.parametrize(
    ("result", "told", "row"),
    [
        (Result.SENT, TOLD, ("sent", "")),
        (Result.FAILED, {"reason": "unreachable"}, ("in_doubt", "no_answer")),
        (Result.RETRY, {"reason": "retry", "due_at": LATER}, ("pending", "crashed")),
    ],
)
def test_after_an_attempt_that_may_have_arrived_only_a_receipt_settles_it(result, told, row):
    one_begun("repeatable")
    leases_end()
    reclaim(now=LATER)
    [again] = begun(LATER)
    write(ended(again, result, LATER, **told))
    assert status() == row


def test_a_lead_that_somebody_writes_for_is_written_later():
    ada, one = one_begun()
    [other] = [lead()]
    [two] = begun(LATER)
    done = [ended(each, Result.SENT, LATER, **TOLD) for each in (one, two)]
    with somebody_writes_for(ada):
        result = write(*done)
    assert (result.written, result.waiting) == ([done[1]], [done[0]])
    assert [row.status for row in steps(lead=other)] == ["sent"]
    assert write(*result.waiting).written == [done[0]]


def test_what_became_of_an_erased_lead_is_dropped():
    ada, one = one_begun()
    erase(subject=Subject.lead(ada.pk), actor="ben", reason="asked", now=LATER)
    done = write(ended(one, Result.SENT, LATER, **TOLD))
    assert (done.written, done.waiting) == ([], [])
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("result", "told", "counted"),
    [
        (Result.SENT, TOLD, 1),
        (Result.IN_DOUBT, {"reason": "no_answer"}, 1),
        (Result.RETRY, {"reason": "no_answer", "due_at": LATER}, 1),
        (Result.RETRY, {"reason": "retry", "due_at": LATER}, 0),
        (Result.FAILED, {"reason": "refused"}, 0),
        (Result.UNSENT, {"due_at": LATER}, 0),
    ],
)
def test_only_what_may_have_arrived_uses_up_the_policys_cap(result, told, counted):
    _, one = one_begun(caps={"policy_per_day": 5})
    assert PolicyDay.objects.get().begun == 1
    write(ended(one, result, LATER, **told))
    assert PolicyDay.objects.get().begun == counted


@pytest.mark.parametrize("commit", ["was lost", "was made"])
def test_what_never_began_goes_back_whatever_its_row_says(commit):
    policy("30m")
    lead()
    [ready] = prepare(claimed(LATER))
    if commit == "was made":
        begin(ready=[ready], now=LATER)
    write(unsent(ready, at=LATER))
    assert status() == ("pending", "")


def test_a_batch_takes_a_handful_of_statements_however_large_it_is(django_assert_num_queries):
    policy("30m")
    for _ in range(3):
        lead()
    first = begun(LATER, most=1)
    complete(completions=[ended(one, Result.SENT, LATER, said="hi") for one in first], now=LATER)
    # claim, read; in a transaction hold and look, write; in another hold, write, tell
    with django_assert_num_queries(7 + len(("BEGIN", "COMMIT")) * 2):
        both = begun(LATER)
        complete(completions=[ended(one, Result.SENT, LATER, said="hi") for one in both], now=LATER)
    assert len(both) == 2
