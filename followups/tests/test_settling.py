"""What a person says of a step in doubt."""

from uuid import uuid4

import pytest

from followups import settling
from followups.claiming import reclaim
from followups.completing import Result, complete
from followups.settling import SettlingError
from followups.tests.cast import HOUR, NOON, begun, dispatch, ended, lead, leases_end, policy, steps
from leads import services
from leads.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
LATER = NOON + HOUR


@pytest.fixture
def doubtful():
    """A step of which nobody knows whether it arrived, and the send that knows."""
    policy("30m", body="Hi {{ first_name|default:'you' }}")
    ada = lead()
    [one] = begun(LATER)
    leases_end()
    reclaim(now=LATER)
    return ada, one


def row():
    [found] = steps()
    return found


def settle(how, **told) -> None:
    how(followup=row().pk, actor="ben", now=LATER + HOUR, **told)


def test_it_was_sent_and_its_text_is_remembered(doubtful):
    ada, _ = doubtful
    settle(settling.sent)
    assert (row().status, row().reason, row().settled_by, row().sent_at) == ("sent", "", "ben", LATER)
    [turn] = Message.objects.filter(lead=ada)
    assert (turn.text, turn.role) == ("Hi [PERSON]", "agent")


def test_it_is_sent_again_with_all_its_attempts(doubtful, sent):
    settle(settling.send_again)
    assert (row().status, row().attempts, row().settled_by) == ("pending", 0, "ben")
    assert dispatch(LATER + HOUR) == {"sent": 1}
    assert [message.id for message in sent] == [row().pk]


def test_it_is_given_up(doubtful):
    settle(settling.give_up)
    assert (row().status, row().reason, row().settled_by) == ("failed", "crashed", "ben")
    assert dispatch(LATER + HOUR) == {}


def test_it_is_not_sent_again_to_somebody_who_wants_nothing(doubtful):
    ada, _ = doubtful
    services.opt_out(lead=ada, now=LATER)
    with pytest.raises(SettlingError, match="would not be sent: the person wants no more"):
        settle(settling.send_again)
    assert (row().status, row().settled_by) == ("in_doubt", "")


@pytest.mark.parametrize("how", [settling.sent, settling.send_again, settling.give_up])
def test_only_what_is_in_doubt_can_be_settled(doubtful, how):
    settle(settling.give_up)
    with pytest.raises(SettlingError, match="not in doubt"):
        settle(how)
    with pytest.raises(SettlingError, match="not in doubt"):
        how(followup=uuid4(), actor="ben", now=LATER)


def test_the_worker_who_knows_may_still_come_first(doubtful):
    _, one = doubtful
    complete(completions=[ended(one, Result.SENT, LATER, said="Hi")], now=LATER)
    with pytest.raises(SettlingError, match="not in doubt"):
        settle(settling.give_up)
    assert row().status == "sent"
