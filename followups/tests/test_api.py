"""The API of policies: write, switch, preview, look ahead, tell why not."""

import pytest
from django.utils.timezone import now

from customerops.tests.cast import post
from followups import enrolling
from followups.models import Enrolment, FollowUp, Policy, PolicyVersion, Switch
from followups.tests.sales import ADA, HOUR, arrived, caller, policy, sent, step, wrote

pytestmark = pytest.mark.django_db
DOCUMENT = {"steps": [step("30m"), step("1d", body="Last call")], "hold_out": 0.1}


@pytest.fixture(autouse=True)
def _nothing_known():
    enrolling.known.forget()
    yield
    enrolling.known.forget()


@pytest.fixture
def ops():
    return caller("read", "write", "ops")


def put(caller, path, body):
    return caller.put(path, body, content_type="application/json")


def created(ops, **fields) -> dict:
    answer = post(ops, "/v1/policies", {"name": "nudge", "document": DOCUMENT, **fields})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_policy_is_written_switched_off(ops):
    told = created(ops)
    assert (told["on"], told["version"], told["steps"]) == (False, 1, ["30m", "1d"])
    assert told["created_by"] == "key test"
    assert told["document"]["caps"] == {"lead_per_day": 3, "policy_per_day": None}
    assert ops.get(f"/v1/policies/{told['id']}").json() == told
    [listed] = ops.get("/v1/policies").json()["results"]
    assert listed == {name: value for name, value in told.items() if name in listed}


def test_one_that_a_later_release_wrote_is_listed_and_switched_off(ops):
    nudge = policy()
    PolicyVersion.objects.update(document={"steps": [], "colour": "blue"})
    enrolling.known.forget()
    [told] = ops.get("/v1/policies").json()["results"]
    assert (told["id"], told["on"], told["steps"]) == (nudge.pk, True, [])
    answer = post(ops, f"/v1/policies/{nudge.pk}/off", {})
    assert (answer.status_code, answer.json()["on"]) == (200, False)


def test_a_fault_is_told_with_its_pointer(ops):
    broken = {"steps": [step("30m", body="Hi {{ nmae }}"), step("soon")], "caps": {"per_day": 1}}
    answer = post(ops, "/v1/policies", {"name": "nudge", "document": broken})
    assert answer.status_code == 400
    assert answer["content-type"] == "application/problem+json"
    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert pointers == {"/document/steps/1/after", "/document/caps/per_day"}
    answer = post(ops, "/v1/policies", {"name": "nudge", "document": {"steps": [step(body="{{ nmae }}")]}})
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "/document/steps/0/body"
    assert "Did you mean name?" in fault["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"document": DOCUMENT}, "/name"),
        ({"name": "nudge"}, "/document"),
        ({"name": "nudge", "document": 7}, "/document"),
        ({"name": "nudge", "document": DOCUMENT, "on": True}, "/on"),
        ({"name": " ", "document": DOCUMENT}, "/name"),
    ],
)
def test_a_body_that_does_not_fit_is_refused(ops, body, pointer):
    answer = post(ops, "/v1/policies", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not Policy.objects.exists()


def test_a_subject_is_one_line(ops):
    answer = post(
        ops, "/v1/policies", {"name": "nudge", "document": {"steps": [step(subject="Hi\nBcc: all")]}}
    )
    assert answer.json()["errors"][0]["pointer"] == "/document/steps/0/subject"


def test_a_name_is_taken_once(ops):
    created(ops)
    answer = post(ops, "/v1/policies", {"name": "nudge", "document": DOCUMENT})
    assert (answer.status_code, "already" in answer.json()["detail"]) == (409, True)


def test_a_change_is_a_new_version_and_the_same_again_is_none(ops):
    path = f"/v1/policies/{created(ops)['id']}"
    changed = {"document": {"steps": [step("45m")]}}
    assert [put(ops, path, changed).json()["version"] for _ in range(2)] == [2, 2]
    assert [row["version"] for row in ops.get(f"{path}/versions").json()["results"]] == [2, 1]
    assert put(ops, path, {"document": {"steps": []}}).status_code == 400
    assert put(ops, "/v1/policies/0", changed).status_code == 404


def test_a_switch_is_thrown_and_kept_with_its_reason(ops):
    path = f"/v1/policies/{created(ops)['id']}"
    assert post(ops, f"{path}/on", {"reason": "asked by ada@example.org"}).json()["on"] is True
    line = Switch.objects.get()
    assert (line.on, line.actor, line.reason) == (True, "key test", "asked by [EMAIL]")
    assert post(ops, f"{path}/off", {}).json()["on"] is False
    assert ops.get(path).json()["on"] is False


def test_everything_is_stopped_and_told(ops):
    policy(now=now(), hours={"quiet": []})
    arrived(now())
    late = arrived(now() - HOUR)
    FollowUp.objects.filter(lead=late, step=2).update(status="in_doubt")
    told = ops.get("/ops/followups").json()
    assert (told["on"], told["switch"], told["waiting"], told["overdue"]) == (True, None, 5, 1)
    assert (told["in_doubt"], told["oldest_overdue_at"] is not None) == (1, True)
    stopped = post(ops, "/ops/followups/off", {"reason": "wrong text"}).json()
    assert (stopped["on"], stopped["switch"]["reason"], stopped["overdue"]) == (False, "wrong text", 0)
    assert post(ops, "/ops/followups/on", {}).json()["on"] is True


def test_a_preview_is_redacted_and_stores_nothing(ops):
    lead = arrived(now(), timezone="Europe/Lisbon")
    path = f"/v1/policies/{created(ops)['id']}/preview"
    told = post(ops, path, {}).json()
    assert (told["lead_id"], told["timezone"], told["unmet"]) == (str(lead.pk), "Europe/Lisbon", [])
    assert told["steps"][0]["body"] == "Hi [PERSON], still there?"
    other = post(ops, path, {"lead_id": str(lead.pk), "document": {"steps": [step(body="Bye {{ policy }}")]}})
    assert [each["body"] for each in other.json()["steps"]] == ["Bye nudge"]
    refused = post(ops, path, {"document": {"steps": [step(body="{{ x }}")]}})
    assert refused.json()["errors"][0]["pointer"] == "/document/steps/0/body"
    assert not Enrolment.objects.exists()
    assert ADA["name"] not in str(told)


def test_a_preview_needs_a_lead(ops):
    path = f"/v1/policies/{created(ops)['id']}/preview"
    assert post(ops, path, {}).status_code == 404
    assert post(ops, path, {"lead_id": "00000000-0000-0000-0000-000000000000"}).status_code == 404


def test_the_calendar_tells_what_waits_apart_from_what_is_expected(ops):
    nudge = policy(after=("2d",), now=now())
    arrived(now())
    told = ops.get(f"/v1/policies/{nudge.pk}/calendar").json()
    assert len(told["days"]) == 15
    assert sum(day["certain"][0] for day in told["days"]) == 1
    assert (told["steps"], told["leads_like_these"], told["sampled"]) == (1, 1, False)


def test_the_effect_says_when_there_is_not_enough(ops):
    nudge = policy(hold_out=0.5, now=now())
    arrived(now()), arrived(now())
    Enrolment.objects.filter(pk=Enrolment.objects.first().pk).update(held_out=True)
    told = ops.get(f"/v1/policies/{nudge.pk}/effect").json()
    assert (told["verdict"], told["difference"]) in (("not_enough", None), ("nothing_held_out", None))
    assert told["followed"]["share"] is None
    assert (told["hold_out"], told["since_version"]) == (0.5, 1)


def test_each_step_of_a_lead_says_how_it_stands_and_why(ops):
    policy(now=now(), hours={"quiet": []})
    lead = arrived(now())
    sent(lead, at=now())
    path = f"/v1/leads/{lead.pk}/followups"
    first, second, _ = ops.get(path).json()["followups"]
    assert (first["state"], first["policy"], first["version"]) == ("SENT", "nudge", 1)
    assert (second["state"], second["step"], second["channel"]) == ("SCHEDULED", 2, "console")
    wrote(lead, now=now())
    second = ops.get(path).json()["followups"][1]
    assert (second["state"], second["reason"]) == ("CANCELLED", "replied")
    assert "wrote" in second["sentence"]
    assert ops.get("/v1/leads/00000000-0000-0000-0000-000000000000/followups").status_code == 404


def test_the_follow_ups_of_a_lead_are_stopped(ops):
    policy(now=now(), hours={"quiet": []})
    lead = arrived(now())
    path = f"/v1/leads/{lead.pk}/followups"
    assert post(ops, f"{path}/stop", {"reason": "call of +49 731 1234567"}).json()["stopped"] == 1
    assert post(ops, f"{path}/stop", {}).json()["stopped"] == 0
    assert {each["state"] for each in ops.get(path).json()["followups"]} == {"CANCELLED"}
    assert Enrolment.objects.get().stop_reason == "call of [PHONE]"


def test_steps_are_listed_by_status_page_by_page(ops):
    nudge = policy(now=now(), hours={"quiet": []})
    lead = arrived(now())
    FollowUp.objects.filter(lead=lead, step=3).update(status="in_doubt", reason="no_answer")
    [told] = ops.get("/v1/followups?status=in_doubt").json()["results"]
    assert (told["step"], told["reason"], told["lead_id"]) == (3, "no_answer", str(lead.pk))
    page = ops.get(f"/v1/followups?policy={nudge.pk}&limit=2").json()
    assert (len(page["results"]), len(ops.get(page["next"]).json()["results"])) == (2, 1)
    assert ops.get("/v1/followups?status=lost").status_code == 400


@pytest.mark.parametrize(
    ("scopes", "method", "path"),
    [
        (["read", "write"], "post", "/v1/policies"),
        (["read", "write"], "put", "/v1/policies/{}"),
        (["read", "write"], "post", "/v1/policies/{}/on"),
        (["read", "write"], "post", "/v1/policies/{}/off"),
        (["write"], "get", "/v1/policies"),
        (["write"], "get", "/v1/policies/{}"),
        (["write"], "get", "/v1/policies/{}/versions"),
        (["write"], "get", "/v1/policies/{}/calendar"),
        (["write"], "get", "/v1/policies/{}/effect"),
        (["read", "write"], "post", "/v1/policies/{}/preview"),
        (["write"], "get", "/v1/followups"),
        (["read", "write"], "get", "/ops/followups"),
        (["read", "write"], "post", "/ops/followups/off"),
        (["read", "write"], "post", "/ops/followups/on"),
    ],
)
def test_a_key_without_the_scope_gets_nothing(scopes, method, path):
    nudge = policy(on=False)
    answer = getattr(caller(*scopes), method)(path.format(nudge.pk), {}, content_type="application/json")
    assert answer.status_code == 403


def test_stopping_needs_the_scope_write():
    lead = arrived(now())
    assert caller("read").post(f"/v1/leads/{lead.pk}/followups/stop").status_code == 403
    assert caller("write").get(f"/v1/leads/{lead.pk}/followups").status_code == 403


def doubtful(**fields) -> FollowUp:
    """A step of which nobody knows the end."""
    policy(now=now(), hours={"quiet": []})
    lead = arrived(now())
    FollowUp.objects.filter(lead=lead, step=1).update(status="in_doubt", reason="crashed", **fields)
    return FollowUp.objects.get(lead=lead, step=1)


@pytest.mark.parametrize(
    ("became", "status"), [("arrived", "sent"), ("send_again", "pending"), ("give_up", "failed")]
)
def test_a_step_in_doubt_is_settled_once(ops, became, status):
    path = f"/v1/followups/{doubtful().pk}/settle"
    told = post(ops, path, {"became": became})
    assert (told.status_code, told.json()["status"]) == (200, status)
    again = post(ops, path, {"became": became})
    assert (again.status_code, "not in doubt" in again.json()["detail"]) == (409, True)


def test_settling_says_what_became_of_a_step_that_is_there(ops):
    row = doubtful()
    assert post(ops, f"/v1/followups/{row.pk}/settle", {"became": "lost"}).status_code == 400
    unknown = "/v1/followups/00000000-0000-0000-0000-000000000000/settle"
    assert post(ops, unknown, {"became": "arrived"}).status_code == 404
    refused = post(caller("read", "write"), f"/v1/followups/{row.pk}/settle", {"became": "arrived"})
    assert refused.status_code == 403
