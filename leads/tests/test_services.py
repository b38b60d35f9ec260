"""Ada books, Ben ghosts, Cleo opts out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from prometheus_client import REGISTRY

from leads import services
from leads.models import Lead, Outcome
from leads.services import LeadScore, NewLead, OutcomeRefusedError
from leads.statements import run

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def newest_state() -> str:
    return str(Lead.objects.with_state().get().__dict__["state"])


def create(*leads: NewLead) -> list[services.Created]:
    return services.create_leads(leads=leads, now=NOW)


def counted(state: str) -> float:
    return REGISTRY.get_sample_value("lead_outcomes_total", {"outcome": state}) or 0.0


def ada(**changes) -> NewLead:
    return NewLead(
        **{"external_id": "ada", "source": "web", "attributes": {"budget": 900, "city": "Ulm"}, **changes}
    )


def test_create_leads_stores_what_it_was_given():
    [created] = create(ada(contact={"email": "ada@example.org"}, timezone="Europe/Berlin"))
    stored = Lead.objects.get()

    assert created.new
    assert type(created.lead.pk) is UUID
    assert created.lead.pk == stored.pk
    assert stored.attributes == {"budget": 900, "city": "Ulm"}
    assert stored.contact == {"email": "ada@example.org"}
    assert (stored.created_at, stored.recorded_at, stored.timezone) == (NOW, NOW, "Europe/Berlin")


def test_create_leads_lets_a_lead_mature_after_the_horizon(settings):
    settings.OUTCOME_HORIZON_DAYS = 14
    [created] = create(ada(created_at=NOW - timedelta(days=3)))
    assert created.lead.matures_at == NOW + timedelta(days=11)


def test_create_leads_gives_a_retry_the_first_lead_unchanged():
    [first] = create(ada())
    [again] = create(ada(attributes={"budget": 1}))
    assert (again.new, again.lead.pk) == (False, first.lead.pk)
    assert Lead.objects.get().attributes == {"budget": 900, "city": "Ulm"}


def test_create_leads_answers_in_order_also_with_doubles_in_one_batch():
    create(ada())
    answers = create(NewLead(external_id="ben"), ada(), NewLead(), NewLead(external_id="ben"), NewLead())
    assert [answer.new for answer in answers] == [True, False, True, False, True]
    assert answers[0].lead.pk == answers[3].lead.pk
    assert Lead.objects.count() == 4


def test_create_leads_stores_nothing_for_nothing():
    assert create() == []


def test_create_leads_stores_the_score_in_the_same_statement(django_assert_num_queries):
    score = LeadScore(probability=0.7, grade="A", model_version=1, scored_at=NOW)
    create(NewLead())  # on a connection that has its statements prepared
    with django_assert_num_queries(1):
        create(ada(score=score))
    stored = Lead.objects.get(external_id="ada")
    assert (stored.probability, stored.grade, stored.model_version, stored.scored_at) == (0.7, "A", 1, NOW)


def test_scoring_replaces_the_scores_of_the_leads_it_names():
    ada_, ben = (answer.lead for answer in create(ada(), NewLead(external_id="ben")))
    run(
        services.scoring(
            scores={ada_.pk: LeadScore(probability=0.9, grade="A", model_version=7, scored_at=NOW)}
        )
    )
    ada_.refresh_from_db()
    ben.refresh_from_db()
    assert (ada_.probability, ada_.model_version, ben.probability) == (0.9, 7, None)


def test_record_outcome_appends_and_the_newest_counts(django_capture_on_commit_callbacks):
    [created] = create(ada())
    before = counted("booked")
    with django_capture_on_commit_callbacks(execute=True):
        services.record_outcome(lead=created.lead, state="qualified", now=NOW)
        services.record_outcome(lead=created.lead, state="booked", now=NOW + timedelta(hours=1))

    assert Outcome.objects.count() == 2
    assert newest_state() == "booked"
    assert counted("booked") == before + 1


@pytest.mark.parametrize("wrong", [NOW - timedelta(seconds=1), NOW + timedelta(days=2)])
def test_record_outcome_refuses_a_date_that_cannot_be(wrong):
    [created] = create(ada())
    with pytest.raises(OutcomeRefusedError) as refused:
        services.record_outcome(lead=created.lead, state="booked", now=NOW, occurred_at=wrong)
    assert refused.value.field == "occurred_at"
    assert not Outcome.objects.exists()


def test_opt_out_counts_the_first_time():
    [cleo] = create(NewLead(external_id="cleo"))
    assert services.opt_out(lead=cleo.lead, now=NOW)
    assert not services.opt_out(lead=cleo.lead, now=NOW + timedelta(days=1))
    assert Lead.objects.get().opted_out_at == NOW


def test_a_thousand_leads_take_one_statement(django_assert_num_queries):
    batch = [NewLead(external_id=f"lead-{number}", attributes={"n": number}) for number in range(1000)]
    create(NewLead())  # on a connection that has its statements prepared
    with django_assert_num_queries(1):
        answers = create(*batch)
    assert all(answer.new for answer in answers)


def test_record_outcome_is_the_newest_also_when_its_clock_is_behind():
    [created] = create(ada())
    services.record_outcome(lead=created.lead, state="ghosted", now=NOW + timedelta(minutes=1))
    services.record_outcome(lead=created.lead, state="booked", now=NOW)
    assert newest_state() == "booked"


@pytest.mark.django_db(transaction=True)
def test_batches_that_share_external_ids_never_wait_in_a_ring():
    names = [f"lead-{number}" for number in range(1000)]

    def store(ordered: list[str]) -> int:
        try:
            return sum(one.new for one in create(*(NewLead(external_id=name) for name in ordered)))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as callers:
        stored = list(callers.map(store, [names, names[::-1]] * 2))
    assert sum(stored) == Lead.objects.count() == 1000
