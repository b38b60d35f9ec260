"""Policies as people make them: versions, and the switch."""

from datetime import UTC, datetime

import pytest

from followups import documents, policies
from followups.documents import DocumentError
from followups.models import Policy, PolicyVersion, Switch

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEP = {"after": "30m", "channel": "console", "body": "Still there?"}


def created(name="nudge", **document):
    """Its first version."""
    return policies.create(name=name, document={"steps": [STEP], **document}, author="ada", now=NOW)


def revised(policy, **document):
    """Its next."""
    return policies.revise(policy=policy, document={"steps": [STEP], **document}, author="ben", now=NOW)


def test_a_new_policy_is_off():
    version = created()
    assert (version.number, version.created_by) == (1, "ada")
    assert documents.read(version.document).steps[0].body == "Still there?"
    assert policies.live() == []


def test_a_name_is_taken_once():
    created()
    with pytest.raises(policies.PolicyError, match="named 'nudge' already"):
        created(" nudge ")
    assert Policy.objects.count() == 1


def test_a_change_is_a_new_version_and_the_old_one_stays():
    first = created()
    second = revised(first.policy, hold_out=0.2)
    assert (second.number, second.created_by) == (2, "ben")
    assert PolicyVersion.objects.get(number=1).document == first.document
    assert policies.newest(first.policy) == second


def test_what_says_the_same_is_no_new_version():
    first = created()
    assert revised(first.policy, hold_out=0.0) == first


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"steps": [STEP | {"channel": "pigeon"}]}, "steps"),
        ({"steps": [STEP | {"body": "{% if name %}"}]}, "steps"),
        ({"hours": {"quiet": [{"start": "00:00", "end": "00:00"}]}}, "hours"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_and_nothing_is_kept(document, place):
    with pytest.raises(DocumentError) as refused:
        created(**document)
    assert list(refused.value.faults) == [place]
    assert not Policy.objects.exists()


def test_the_newest_row_of_the_switch_counts():
    one, other = created("one").policy, created("other").policy
    for policy, on in [(one, True), (other, True), (other, False), (one, False), (one, True)]:
        policies.throw_switch(policy=policy, on=on, actor="ada", now=NOW)
    assert policies.on() == {one.pk}
    assert [live.policy for live in policies.live()] == [one]
    assert Switch.objects.count() == 5


def test_the_switch_of_everything_is_on_until_it_is_thrown():
    assert policies.all_on()
    policies.throw_switch(policy=None, on=False, actor="ada", reason="ada@example.com complained", now=NOW)
    assert not policies.all_on()
    assert Switch.objects.get().reason == "[EMAIL] complained"
    policies.throw_switch(policy=None, on=True, actor="ada", now=NOW)
    assert policies.all_on()


def test_live_reads_the_newest_version():
    policy = created().policy
    policies.throw_switch(policy=policy, on=True, actor="ada", now=NOW)
    revised(policy, hold_out=0.5)
    [live] = policies.live()
    assert (live.version.number, live.plan.hold_out) == (2, 0.5)
