"""What people see of leads, and what they may do."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils.timezone import now

from leads import services
from leads.admin.filters import Wants
from leads.models import Lead, Outcome
from leads.services import LeadScore, NewLead

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/lead/"


def client(*permissions: str) -> Client:
    user = User.objects.create_user("eve", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    found = Client()
    found.force_login(user)
    return found


@pytest.fixture
def boss() -> Client:
    found = Client()
    found.force_login(User.objects.create_superuser("boss", password="x"))
    return found


def add(name: str, probability: float | None = None, **attributes: object) -> Lead:
    lead = NewLead(
        attributes=attributes,
        external_id=name,
        created_at=now() - timedelta(days=3),
        contact={"email": f"{name}@example.org"},
        score=LeadScore(probability=probability),
    )
    return services.create_leads(leads=[lead], now=now())[0].lead


def page(lead: Lead) -> str:
    return f"{LIST}{lead.pk}/change/"


def form(**row: str) -> dict[str, str]:
    day, time = f"{now():%Y-%m-%d}", f"{now():%H:%M:%S}"
    fields = {"occurred_at_0": day, "occurred_at_1": time, "note": "", **row}
    return (
        {f"outcomes-{key}": value for key, value in management(1).items()}
        | {f"messages-{key}": value for key, value in management(0).items()}
        | {f"outcomes-0-{key}": value for key, value in fields.items()}
    )


def management(total: int, initial: int = 0) -> dict[str, str]:
    return {
        "TOTAL_FORMS": str(total), "INITIAL_FORMS": str(initial),
        "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000",
    }  # fmt: skip


def test_the_best_leads_come_first_and_contacts_are_not_listed(boss):
    for name, probability in [("ben", 0.2), ("ada", 0.9), ("cleo", None)]:
        add(name, probability)
    text = boss.get(LIST).content.decode()
    assert text.index(">ada<") < text.index(">ben<") < text.index(">cleo<")
    assert "example.org" not in text


def test_contacts_are_shown_to_those_who_may_see_them(boss):
    ada = add("ada")
    assert "ada@example.org" in boss.get(page(ada)).content.decode()
    assert "ada@example.org" not in client("view_lead", "view_outcome").get(page(ada)).content.decode()


def test_a_contact_without_its_key_is_told_instead_of_a_crash(boss, settings):
    ada = add("ada")
    settings.CONTACT_ENCRYPTION_KEYS = ["x" * 43 + "="]
    assert "no longer listed" in boss.get(page(ada)).content.decode()
    assert boss.get(LIST).status_code == 200


def test_an_outcome_can_be_recorded(boss):
    ada = add("ada")
    answer = boss.post(page(ada), form(state="booked", note="by phone"))
    assert answer.status_code == 302, answer.content.decode()
    outcome = Outcome.objects.get()
    assert (outcome.state, outcome.note, outcome.source) == ("booked", "by phone", "admin boss")


def test_an_outcome_before_the_lead_is_refused_beside_the_field(boss):
    ada = add("ada")
    answer = boss.post(page(ada), form(state="booked", occurred_at_0="2001-01-01"))
    assert answer.status_code == 200
    assert "is before the lead came in" in answer.content.decode()
    assert not Outcome.objects.exists()


def test_history_is_read_only(boss):
    ada = add("ada")
    services.record_outcome(lead=ada, state="qualified", now=now())
    text = boss.get(page(ada)).content.decode()
    assert "outcomes-0-DELETE" not in text
    assert boss.get(f"{LIST}add/").status_code == 403
    assert boss.post(f"{LIST}{ada.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in boss.get(LIST).content.decode()


def test_cleo_can_be_opted_out(boss):
    cleo = add("cleo")
    for told in ("1 opted out.", "0 opted out."):
        answer = boss.post(LIST, {"action": "opt_out", "_selected_action": [str(cleo.pk)]}, follow=True)
        assert told in answer.content.decode()
    cleo.refresh_from_db()
    assert cleo.opted_out_at is not None
    assert cleo.opted_out_at > datetime(2026, 1, 1, tzinfo=UTC)


def test_searching_takes_ids_and_sources(boss):
    ada = add("ada")
    add("ben")
    for query in ("ada", str(ada.pk)):
        text = boss.get(LIST, {"q": query}).content.decode()
        assert ">ada<" in text
        assert ">ben<" not in text


def test_a_lead_is_described_in_plain_words(boss):
    text = boss.get(page(add("ada", 0.416, photos=True, budget=9000.0, text="<b>"))).content.decode()
    for words in ("42%", "<th>photos</th><td>yes</td>", "<td>9,000</td>", "&lt;b&gt;"):
        assert words in text
    assert "&quot;photos&quot;" not in text


def test_the_list_can_be_narrowed_to_those_still_to_call(boss):
    add("ada")
    services.record_outcome(lead=add("ben"), state="ghosted", now=now())
    services.opt_out(lead=add("cleo"), now=now())
    for query, names in [
        ({"stands": "open"}, {"ada", "cleo"}),
        ({"stands": "ghosted"}, {"ben"}),
        ({"stands": "open", "contact": "welcome"}, {"ada"}),
        ({"contact": "unwelcome"}, {"cleo"}),
        ({}, {"ada", "ben", "cleo"}),
    ]:
        text = boss.get(LIST, query).content.decode()
        assert {name for name in ("ada", "ben", "cleo") if f">{name}<" in text} == names


def test_an_empty_row_claims_nothing_about_who_recorded_it(boss):
    text = boss.get(page(add("ada"))).content.decode()
    assert "api" not in text.split('id="outcomes-group"')[1].split("__prefix__")[0].split("<tbody")[-1]


def wrote(name: str, intent: str, urgency: float) -> Lead:
    lead = add(name)
    told = {"message.intent": intent, "message.urgency": urgency}
    Lead.objects.filter(pk=lead.pk).update(signals=told, replied_at=datetime(2026, 5, 4, 12, 30, tzinfo=UTC))
    return lead


def test_the_list_tells_what_leads_wrote_about_and_when(boss):
    wrote("ada", "opt_out", 0.9)
    wrote("ben", "book", 0.4)
    services.opt_out(lead=add("cleo"), now=now())
    text = boss.get(LIST).content.decode()
    for words in (
        ">opt out, urgent<",
        ">book<",
        ">nothing yet<",
        "title='2026-05-04 12:30 UTC'",
        " ago<",
        ">open, opted out<",
    ):
        assert words in text
    text = boss.get(LIST, {"wants": "book"}).content.decode()
    assert [name for name in ("ada", "ben", "cleo") if f">{name}<" in text] == ["ben"]


def test_the_index_of_what_leads_wrote_about_serves_its_filter(boss):
    asked = Wants(None, {"wants": ["book"]}, Lead, None).queryset(None, Lead.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "lead_wants" in asked.order_by(F("probability").desc(nulls_last=True)).explain()


def test_times_are_written_in_one_way(boss):
    text = boss.get(page(wrote("ada", "book", 0.4))).content.decode()
    assert "2026-05-04 12:30" in text
    assert "p.m." not in text


def test_whoever_may_record_outcomes_can_save_them_and_no_more():
    ada, recorder = add("ada"), client("view_lead", "view_outcome", "add_outcome")
    assert 'name="_save"' in recorder.get(page(ada)).content.decode()
    recorder.post(page(ada), form(state="booked"))
    assert Outcome.objects.get(lead=ada).state == "booked"
    recorder.post(LIST, {"action": "opt_out", "_selected_action": [ada.pk]})
    assert Lead.objects.get(pk=ada.pk).opted_out_at is None


def test_whoever_may_not_see_leads_gets_no_page_by_another_permission():
    assert client("add_outcome").get(page(add("ada"))).status_code == 403
