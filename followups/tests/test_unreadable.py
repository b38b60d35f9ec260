"""A stored version that this release cannot read: every door says so, and none breaks."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from customerops.tests.cast import post
from followups import enrolling, plans, policies
from followups.models import PolicyVersion
from followups.tests.sales import NOON, arrived, caller, policy, step
from followups.tests.test_admin import filled

pytestmark = pytest.mark.django_db
ODD: list[object] = [
    {"steps": [], "colour": "blue"},
    {"steps": [{"after": "soon"}], "hold_out": "a tenth"},
    ["30m"],
]


@pytest.fixture(params=ODD, ids=str)
def unread(request):
    """A policy with a version that can be read, and one after it that cannot."""
    found = policy()
    version = policies.revise(policy=found, document={"steps": [step("45m")]}, author="ada", now=NOON)
    PolicyVersion.objects.filter(pk=version.pk).update(document=request.param)
    plans._read.clear()
    enrolling.known.forget()
    return found


@pytest.fixture
def ops():
    return caller("read", "write", "ops")


def test_the_api_tells_that_nobody_can_look_ahead(ops, unread):
    arrived()
    for answer in (
        ops.get(f"/v1/policies/{unread.pk}/calendar"),
        post(ops, f"/v1/policies/{unread.pk}/preview", {}),
    ):
        assert (answer.status_code, answer["content-type"]) == (409, "application/problem+json")
        assert "version 2 of nudge cannot be read" in answer.json()["detail"]


def test_the_api_goes_on_telling_what_it_can(ops, unread):
    for page in ("", "/versions", "/effect"):
        assert ops.get(f"/v1/policies/{unread.pk}{page}").status_code == 200
    document = {"steps": [step("1h")]}
    answer = post(ops, f"/v1/policies/{unread.pk}/preview", {"document": document})
    assert answer.status_code == 404  # there is no lead yet
    put = ops.put(f"/v1/policies/{unread.pk}", {"document": document}, content_type="application/json")
    assert (put.status_code, put.json()["version"]) == (200, 3)


@pytest.mark.parametrize("page", ["change", "versions"])
def test_its_pages_say_that_it_cannot_be_read(boss, unread, page):
    answer = boss.get(reverse(f"admin:followups_policy_{page}", args=[unread.pk]))
    assert answer.status_code == 200
    assert "cannot be read" in answer.content.decode()


def test_its_calendar_sends_back_to_its_page(boss, unread):
    answer = boss.get(reverse("admin:followups_policy_calendar", args=[unread.pk]))
    page = reverse("admin:followups_policy_change", args=[unread.pk])
    assert (answer.status_code, answer["location"]) == (302, page)
    [said] = get_messages(answer.wsgi_request)
    assert "version 2 of nudge cannot be read" in str(said)


def test_its_page_saves_what_is_written_instead(boss, unread):
    page = reverse("admin:followups_policy_change", args=[unread.pk])
    boss.post(page, filled(step("2h")))
    newest = policies.newest(unread)
    assert (newest.number, [one["after"] for one in newest.document["steps"]]) == (3, ["2h"])
    assert "cannot be read" not in boss.get(page).content.decode()


def test_its_page_previews_what_is_written_instead(boss, unread):
    arrived()
    typed = filled(step("2h")) | {"_preview": "Preview"}
    answer = boss.post(reverse("admin:followups_policy_change", args=[unread.pk]), typed)
    assert "Hi [PERSON], still there?" in answer.content.decode()
