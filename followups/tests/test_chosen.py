"""A person enrols stored leads, and ends the follow-ups of one."""

import pytest
from django.core.management import CommandError, call_command

from followups import enrolling, stopping
from followups.models import Enrolment, FollowUp
from followups.policies import PolicyError
from followups.tests.sales import DAY, HOUR, NOON, arrived, ended, policy

pytestmark = pytest.mark.django_db


def chosen(leads, of, **options):
    """Enrol them."""
    return enrolling.enrol_chosen(
        [lead.pk for lead in leads], policy=of, actor="ada", now=NOON + HOUR, **options
    )


def test_old_leads_are_enrolled_when_a_person_asks(monkeypatch):
    monkeypatch.setattr(enrolling, "BATCH", 2)
    leads = [arrived(NOON - 90 * DAY, source=source) for source in ("web", "web", "web", "fair")]
    ended(leads[0])
    nudge = policy(conditions={"sources": ["web"]}, hold_out=0.5)
    found = chosen(leads, nudge)
    assert (found.chosen, found.meant, found.enrolled) == (4, 3, 2)
    assert set(Enrolment.objects.values_list("trigger", flat=True)) == {"person"}
    assert FollowUp.objects.count() == 3 * (2 - found.held_out)
    assert chosen(leads, nudge).meant == 3
    assert Enrolment.objects.count() == 2


def test_a_dry_run_stores_nothing():
    lead = arrived()
    found = chosen([lead], policy(), dry_run=True)
    assert (found.meant, found.enrolled) == (1, 0)
    assert not Enrolment.objects.exists()


def test_a_policy_that_is_off_takes_nobody_in():
    with pytest.raises(PolicyError, match="nudge is switched off"):
        chosen([arrived()], policy(on=False))


def test_stopping_ends_every_policy_of_a_lead_once():
    policy(), policy("second")
    lead, other = arrived(), arrived()
    stop = {"lead": lead.pk, "actor": "ada", "reason": "call of ada@example.org", "now": NOON + HOUR}
    assert (stopping.stop(**stop), stopping.stop(**stop)) == (2, 0)
    row = Enrolment.objects.filter(lead=lead)[0]
    assert (row.stopped_at, row.stopped_by, row.stop_reason) == (NOON + HOUR, "ada", "call of [EMAIL]")
    assert set(Enrolment.objects.filter(lead=other).values_list("stopped_at", flat=True)) == {None}


def test_the_command_enrols_the_leads_of_a_source():
    for source in ("web", "web", "fair"):
        arrived(NOON - 90 * DAY, source=source)
    policy()
    tried = call_command("enroll_leads", policy="nudge", source="web", dry_run=True)
    assert tried == "Dry run: 2 leads, 2 of them meant by nudge; nobody was enrolled."
    done = call_command("enroll_leads", policy="nudge", source="web")
    assert done == "2 leads, 2 of them meant by nudge: 2 enrolled, 0 of these held out."
    again = call_command("enroll_leads", policy="nudge")
    assert again == "3 leads, 3 of them meant by nudge: 1 enrolled, 0 of these held out."


@pytest.mark.parametrize(("name", "said"), [("nudge", "switched off"), ("other", "no policy named 'other'")])
def test_the_command_says_what_is_wrong(name, said):
    policy(on=False)
    with pytest.raises(CommandError, match=said):
        call_command("enroll_leads", policy=name)
