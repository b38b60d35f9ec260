"""The pages on which sales ops write policies, look at them, and stop them."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.timezone import now

from followups import enrolling, policies
from followups.admin import rows
from followups.models import Enrolment, FollowUp, Policy, PolicyVersion, Switch
from followups.tests.sales import ADA, DAY, arrived, policy, sent, step, switch, wrote

pytestmark = pytest.mark.django_db
LIST = reverse("admin:followups_policy_changelist")
ADD = reverse("admin:followups_policy_add")
ROWS = reverse("admin:followups_followup_changelist")
LEADS = reverse("admin:leads_lead_changelist")
ANY_HOUR: dict = {"quiet": []}


@pytest.fixture(autouse=True)
def _nothing_known():
    enrolling.known.forget()
    yield
    enrolling.known.forget()


def person(*permissions: str) -> Client:
    """Somebody who may do just that."""
    user = User.objects.create_user(f"person{User.objects.count()}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def at(name: str, of) -> str:
    return reverse(f"admin:followups_policy_{name}", args=[of.pk])


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def filled(*steps: dict, **fields) -> dict:
    """The form as a browser sends it."""
    typed = {
        "name": "Spring", "delays": "", "zone": "UTC", "quiet": "21:00-08:00", "windows": "",
        "quiet_dates": "",
        "lead_per_day": "1", "policy_per_day": "", "stop_reply": "on", "stop_outcome": "on", "hold_out": "10",
        "steps-TOTAL_FORMS": "3", "steps-INITIAL_FORMS": "0", "_save": "Save",
    }  # fmt: skip
    for number in range(3):
        said = steps[number] if number < len(steps) else {"channel": "console"}
        typed |= {f"steps-{number}-{name}": value for name, value in said.items()}
    return typed | fields


def test_a_policy_is_written_in_fields_and_becomes_a_document(boss):
    arrived(source="web")
    answer = boss.post(
        ADD,
        filled(
            step("30m"), step("1d", body="Last call", subject="One more"), sources=["web"],
            other_sources="fair, mail",
            grades=["A", "B"], score_from="20", windows="mon-fri 9:00-17:00", quiet_dates="2026-12-25",
            policy_per_day="100", stop_outcome="",
        ), follow=True,
    )  # fmt: skip
    assert "Spring is written and switched off" in text(answer)
    row = PolicyVersion.objects.get()
    assert (row.created_by, row.policy.name) == ("admin (admin)", "Spring")
    assert [each["after"] for each in row.document["steps"]] == ["30m", "1d"]
    assert row.document["steps"][1]["subject"] == "One more"
    assert row.document["conditions"] == {
        "sources": ["fair", "mail", "web"], "grades": ["A", "B"], "intents": [], "score_from": 0.2,
        "score_to": 1.0,
    }  # fmt: skip
    assert row.document["hours"]["windows"] == [
        {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:00"}
    ]
    assert row.document["hours"]["quiet_dates"] == ["2026-12-25"]
    assert row.document["caps"] == {"lead_per_day": 1, "policy_per_day": 100}
    assert row.document["stops"] == {"reply": True, "outcome": False}
    assert row.document["hold_out"] == 0.1
    assert not policies.on()


def test_the_shortcut_makes_steps_of_one_text(boss):
    boss.post(ADD, filled(step(""), delays="30m, 2h,1d"))
    steps = PolicyVersion.objects.get().document["steps"]
    assert [each["after"] for each in steps] == ["30m", "2h", "1d"]
    assert len({each["body"] for each in steps}) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (filled(step("soon")), "is no duration such as 30m"),
        (filled(step("2h"), step("1h")), "step 2 is not after step 1"),
        (filled(step("30m", body="Hi {{ nmae }}")), "Did you mean name?"),
        (filled(step("30m", body="Hi {{ name }}")), "name is empty for some leads"),
        (filled(step(""), delays="30m, soon"), "is no duration such as 30m"),
        (filled(), "Write at least one step"),
        (filled(step(), quiet="at night"), "cannot be read; write 21:00-08:00"),
        (filled(step(), windows="mon-fun 9:00-17:00"), "is no day; days are mon"),
        (filled(step(), quiet_dates="christmas"), "is no day such as 2026-12-25"),
        (filled(step(), zone="Lisbon"), "Is not a known time zone"),
        (filled(step(), score_from="80", score_to="20"), "Is below score_from"),
        (filled(step(), hold_out="95"), "less than or equal to 90"),
        (filled(step(), quiet="00:00-00:00"), "There is no time at which a message may go out"),
        (filled(step(), name=""), "This field is required"),
    ],
)
def test_a_fault_lands_beside_its_field_and_what_was_typed_stays(boss, typed, said):
    shown = text(boss.post(ADD, typed))
    assert escape(said) in shown
    assert "Nothing was saved" in shown
    assert not Policy.objects.exists()
    for name in ("name", "delays", "quiet", "steps-0-body"):
        assert escape(typed.get(name, "")) in shown


def test_all_that_is_wrong_is_told_at_once(boss):
    shown = text(boss.post(ADD, filled(step(body="Hi {{ nmae }}"), quiet="at night", hold_out="95")))
    for said in ("Did you mean name?", "cannot be read; write 21:00-08:00", "less than or equal to 90"):
        assert said in shown


def test_a_name_that_is_taken_is_told_beside_it(boss):
    policy("Spring")
    assert "there is a policy named" in text(boss.post(ADD, filled(step())))
    assert Policy.objects.count() == 1


def test_the_page_of_a_policy_shows_what_it_says_and_saves_the_next_version(boss):
    spring = policy("Spring", hours={"quiet": [{"start": "20:00", "end": "07:30"}]}, hold_out=0.125)
    shown = text(boss.get(at("change", spring)))
    for said in ("20:00-07:30", "12.5", "30m", "2h", "1d", "Save as version 2"):
        assert said in shown
    answer = boss.post(at("change", spring), filled(step("45m")), follow=True)
    assert "Version 2 holds for leads that come in from now on" in text(answer)
    again = boss.post(at("change", spring), filled(step("45m")), follow=True)
    assert "Nothing has changed: version 2" in text(again)
    assert PolicyVersion.objects.count() == 2


def test_what_the_page_shows_is_saved_as_it_is(boss):
    document = {
        "conditions": {"sources": ["web"], "grades": ["A"], "intents": ["book"], "score_from": 0.25},
        "hours": {
            "zone": "Europe/Lisbon",
            "windows": [{"days": ["sat", "mon"], "start": "09:00", "end": "12:00"}],
        },
        "caps": {"lead_per_day": None, "policy_per_day": 7},
        "stops": {"reply": False},
        "hold_out": 0.1,
    }  # fmt: skip
    spring = policy("Spring", **document)
    boss.post(at("change", spring), shown_form(boss.get(at("change", spring))))
    assert PolicyVersion.objects.count() == 1


def shown_form(answer) -> dict:
    """What a browser would send back."""
    typed = {"_save": "Save"}
    for form in [answer.context["form"], answer.context["steps"].management_form, *answer.context["steps"]]:
        for field in form:
            value = field.value()
            if value not in (None, False, []):
                typed[field.html_name] = value
    return typed


def test_a_preview_is_shown_before_anything_is_saved(boss):
    arrived(external_id="crm-1", source="web")
    typed = filled(
        step("30m", subject="Step {{ step }}"), preview_of="crm-1", other_sources="fair", _preview="1"
    )
    typed.pop("_save")
    shown = text(boss.post(ADD, typed))
    for said in ("Hi [PERSON], still there?", "Step 1", "its source is web, not fair", "crm-1"):
        assert said in shown
    assert ADA["name"] not in shown
    assert not Policy.objects.exists()
    assert "There is no lead crm-2." in text(boss.post(ADD, typed | {"preview_of": "crm-2"}))


def test_a_preview_takes_the_permission_to_see_leads():
    arrived(attributes={"wish": "a quiet room"}, external_id="crm-1", source="fair")
    body = "{% if attributes.wish %}{{ attributes.wish }}{% endif %}"
    typed = filled(step(body=body), sources=[], grades=["A"], _preview="1", preview_of="crm-1")
    shown = text(person("add_policy", "view_lead").post(ADD, typed))
    assert "a quiet room" in shown
    writer = person("add_policy")
    refused = text(writer.post(ADD, typed))
    assert "may view leads" in refused
    assert "a quiet room" not in refused
    assert "would not enter" not in refused
    assert 'name="_preview"' in shown
    assert 'name="_preview"' not in refused
    assert "There is no lead" not in text(writer.post(ADD, typed | {"preview_of": "crm-2"}))


def test_a_preview_needs_no_id_but_a_lead(boss):
    typed = filled(step(), _preview="1")
    assert "There is no lead yet" in text(boss.post(ADD, typed))
    arrived()
    assert "Hi [PERSON]" in text(boss.post(ADD, typed))


def test_a_policy_that_a_later_release_wrote_hides_no_other(boss):
    policy(), policy("of a later release")
    PolicyVersion.objects.filter(policy__name="of a later release").update(document={"colour": "blue"})
    page = text(boss.get("/admin/followups/policy/"))
    assert "cannot be read" in page
    assert "30m, 2h, 1d" in page


@pytest.mark.parametrize("since", ["40000", "99999999999", "²", "-1", "x"])
def test_rows_are_shown_for_a_month_whatever_the_address_asks(boss, since):
    policy()
    arrived(now=now())
    assert boss.get("/admin/followups/followup/", {"since": since}).status_code == 200


def test_the_list_tells_how_each_policy_does_in_few_queries(boss, django_assert_max_num_queries):
    for name in ("one", "two", "three"):
        policy(name, now=now(), hours=ANY_HOUR)
    switch(Policy.objects.get(name="two"), on=False)
    sent(arrived(now()), at=now())
    with django_assert_max_num_queries(10):
        shown = text(boss.get(LIST))
    assert "30m, 2h, 1d" in shown
    assert shown.count('class="state on"') == 2
    assert shown.count('class="state off"') == 1


def test_a_policy_is_switched_with_a_reason(boss):
    spring = policy(on=False)
    assert "Switch nudge on" in text(boss.get(at("switch", spring)))
    assert "required" in text(boss.post(at("switch", spring), {"reason": "", "on": "True"}))
    answer = boss.post(
        at("switch", spring), {"reason": "asked by ada@example.org", "on": "True"}, follow=True
    )
    assert "Nudge is switched on" in text(answer)
    assert "asked by [EMAIL]" in text(boss.get(at("change", spring)))
    line = Switch.objects.get()
    assert (line.on, line.actor) == (True, "admin (admin)")


def test_two_who_press_the_same_button_switch_once(boss):
    spring = policy(on=False)
    for _ in range(2):
        boss.post(at("switch", spring), {"reason": "go", "on": "True"})
    assert policies.on() == {spring.pk}


def test_everything_is_stopped_and_a_banner_says_so_everywhere(boss):
    spring = policy()
    everything = reverse("admin:followups_policy_everything")
    banner = "All sending is switched off"
    pages = [LIST, at("change", spring), at("calendar", spring), reverse("admin:index")]
    assert not any(banner in text(boss.get(page)) for page in pages)
    boss.post(everything, {"reason": "wrong text", "on": "False"})
    assert all(banner in text(boss.get(page)) for page in pages)
    assert not policies.all_on()
    boss.post(everything, {"reason": "put right", "on": "True"})
    assert not any(banner in text(boss.get(page)) for page in pages)


def test_the_calendar_shows_what_waits_and_what_is_expected(boss):
    nudge = policy(after=("2d",), now=now())
    arrived(now())
    shown = text(boss.get(at("calendar", nudge)))
    assert "<b>1</b>" in shown
    assert 'class="expected"' in shown
    assert "would send if it were switched on" not in shown
    switch(nudge, on=False)
    assert "would send if it were switched on" in text(boss.get(at("calendar", nudge)))


def test_the_history_tells_who_changed_what(boss):
    nudge = policy(after=("30m",))
    policies.revise(policy=nudge, document={"steps": [step("45m")]}, author="ben", now=now())
    shown = text(boss.get(at("versions", nudge)))
    for said in ("Version 2, ben", "step 1, after", "<del>30m</del>", "<ins>45m</ins>", "Version 1, ada"):
        assert said in shown


@pytest.mark.parametrize(
    ("name", "needs"), [("change", "view_policy"), ("calendar", "view_policy"), ("versions", "view_policy")]
)
def test_who_may_view_reads_and_saves_nothing(name, needs):
    nudge = policy()
    assert person().get(at(name, nudge)).status_code == 403
    viewer = person(needs)
    shown = text(viewer.get(at(name, nudge)))
    assert "Save as version" not in shown
    assert "/switch/" not in shown
    assert viewer.post(at("change", nudge), filled(step("45m"))).status_code == 403
    assert viewer.post(at("switch", nudge), {"reason": "x", "on": "False"}).status_code == 403
    assert viewer.post(ADD, filled(step())).status_code == 403
    everything = reverse("admin:followups_policy_everything")
    assert viewer.post(everything, {"reason": "x", "on": "False"}).status_code == 403
    assert Switch.objects.count() == 1


def test_rows_are_found_by_lead_policy_and_status(boss):
    policy(now=now(), hours=ANY_HOUR)
    lead, other = arrived(now(), external_id="crm-1"), arrived(now())
    FollowUp.objects.filter(lead=lead, step=1).update(status="failed", reason="refused")
    for query in (f"q={lead.pk}", "q=crm-1"):
        shown = text(boss.get(f"{ROWS}?{query}"))
        assert str(lead.pk) in shown
        assert str(other.pk) not in shown
    failed = text(boss.get(f"{ROWS}?status__exact=failed"))
    assert "the receiver refused it" in failed
    assert str(other.pk) not in failed
    assert "0 results" in text(boss.get(f"{ROWS}?q=crm-2"))
    assert str(other.pk) in text(boss.get(f"{ROWS}?channel=console&policy={Policy.objects.get().pk}&since=7"))
    assert str(lead.pk) in text(boss.get(reverse("admin:followups_followup_change", args=[row(lead).pk])))


def row(lead, number=1) -> FollowUp:
    return FollowUp.objects.get(lead=lead, step=number)


def test_rows_are_counted_to_a_cap_and_shown_for_a_month(boss, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(rows, "MOST_COUNTED", 4)
    policy(now=now(), hours=ANY_HOUR)
    arrived(now()), arrived(now())
    old = rows.first_id(days=40)
    FollowUp.objects.filter(pk=FollowUp.objects.order_by("pk")[0].pk).update(id=old)
    with django_assert_max_num_queries(9):
        shown = text(boss.get(ROWS))
    assert "4 follow-ups" in shown
    assert str(old) not in shown
    monkeypatch.setattr(rows, "MOST_COUNTED", 100)
    assert str(old) in text(boss.get(f"{ROWS}?since=all"))


@pytest.mark.parametrize(
    ("action", "status"), [("arrived", "sent"), ("again", "pending"), ("give_up", "failed")]
)
def test_steps_in_doubt_are_settled(boss, action, status):
    policy(now=now(), hours=ANY_HOUR)
    lead = arrived(now())
    FollowUp.objects.filter(lead=lead, step=1).update(status="in_doubt", reason="no_answer")
    chosen = {"action": action, "_selected_action": [str(row(lead, 1).pk), str(row(lead, 2).pk)]}
    shown = text(boss.post(ROWS, chosen, follow=True))
    assert "1 left as they were: it is not in doubt" in shown
    assert (row(lead, 1).status, row(lead, 2).status) == (status, "pending")
    assert row(lead, 1).settled_by == "admin (admin)"


def test_only_those_who_may_settle_are_asked():
    policy(now=now(), hours=ANY_HOUR)
    lead = arrived(now())
    viewer = person("view_followup")
    assert "give up" not in text(viewer.get(ROWS))
    FollowUp.objects.filter(lead=lead, step=1).update(status="in_doubt", reason="no_answer")
    viewer.post(ROWS, {"action": "give_up", "_selected_action": [str(row(lead).pk)]})
    assert row(lead).status == "in_doubt"


def test_the_page_of_a_lead_tells_each_step_and_why(boss):
    policy(now=now(), hours=ANY_HOUR)
    lead = arrived(now(), timezone="Asia/Tokyo")
    sent(lead, at=now())
    address = reverse("admin:leads_lead_change", args=[lead.pk])
    shown = text(boss.get(address))
    assert "SENT" in shown
    assert "SCHEDULED" in shown
    assert "<th>Asia/Tokyo</th>" in shown
    wrote(lead, now=now())
    assert "the person wrote after they were enrolled" in text(boss.get(address))
    Enrolment.objects.update(held_out=True)
    FollowUp.objects.all().delete()
    assert "HELD OUT" in text(boss.get(address))


def test_the_page_of_a_lead_that_no_policy_took_in_says_so(boss):
    lead = arrived()
    shown = text(boss.get(reverse("admin:leads_lead_change", args=[lead.pk])))
    assert "No policy took this lead in." in shown


def test_the_follow_ups_of_a_lead_are_stopped_with_a_reason(boss):
    policy(now=now(), hours=ANY_HOUR)
    lead = arrived(now())
    stop = reverse("admin:leads_lead_stop", args=[lead.pk])
    assert stop in text(boss.get(reverse("admin:leads_lead_change", args=[lead.pk])))
    assert "required" in text(boss.post(stop, {"reason": ""}))
    answer = text(boss.post(stop, {"reason": "call of ada@example.org"}, follow=True))
    for said in ("No more follow-ups go to this lead.", "CANCELLED", "call of [EMAIL]", "admin (admin)"):
        assert said in answer
    assert "There was nothing to stop." in text(boss.post(stop, {"reason": "again"}, follow=True))
    assert "Stopped its follow-ups." in text(boss.get(reverse("admin:leads_lead_history", args=[lead.pk])))
    assert person("view_lead").post(stop, {"reason": "x"}).status_code == 403


def test_chosen_leads_are_enrolled_in_a_policy(boss):
    old = now() - 90 * DAY
    web, fair = (arrived(old, created_at=old, source=source) for source in ("web", "fair"))
    spring = policy("Spring", conditions={"sources": ["web"]}, now=now())
    policy("Off", on=False)
    chosen = {"action": "enrol", "_selected_action": [web.pk, fair.pk]}
    asked = text(boss.post(LEADS, chosen))
    assert "Enrol 2 leads" in asked
    assert ("Spring</option>" in asked, "Off</option>" in asked) == (True, False)
    done = text(boss.post(LEADS, chosen | {"enrol": "yes", "policy": spring.pk}, follow=True))
    assert "1 of 2 enrolled in Spring, 0 held out. The others are not meant" in done
    assert Enrolment.objects.get().lead == web


def test_only_those_who_may_switch_enrol(boss):
    lead = arrived()
    assert "Enrol in a policy" in text(boss.get(LEADS))
    viewer = person("view_lead")
    assert "Enrol in a policy" not in text(viewer.get(LEADS))
    viewer.post(LEADS, {"action": "enrol", "_selected_action": [lead.pk], "enrol": "yes"})
    assert not Enrolment.objects.exists()


def test_switches_are_read_and_never_changed(boss):
    policy()
    assert "everything" not in text(boss.get(reverse("admin:followups_switch_changelist")))
    switch(None, on=False)
    assert "everything" in text(boss.get(reverse("admin:followups_switch_changelist")))
    for model in ("switch", "followup"):
        assert boss.get(reverse(f"admin:followups_{model}_add")).status_code == 403
    assert (
        boss.get(reverse("admin:followups_policy_delete", args=[Policy.objects.get().pk])).status_code == 403
    )
