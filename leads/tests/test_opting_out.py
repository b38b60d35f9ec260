"""Who wants no more messages gets none: by whatever lead they are known, and whenever it comes in."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from time import sleep

import pytest
from django.db import OperationalError, connection, transaction

from leads import opting_out, services
from leads.models import Lead, OptOut
from leads.services import NewLead

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = {"name": "Ada Kern", "email": "ada@example.org", "phone": "+49 731 1234567"}


def add(contact=ADA, **fields) -> Lead:
    """One that came in."""
    [made] = services.create_leads(leads=[NewLead(contact=contact, **fields)], now=NOON)
    return made.lead


def opted_out(lead: Lead) -> datetime | None:
    """As the row says."""
    return Lead.objects.get(pk=lead.pk).opted_out_at


@pytest.mark.django_db
def test_it_counts_the_first_time():
    cleo = add()
    assert services.opt_out(lead=cleo, now=NOON)
    assert not services.opt_out(lead=cleo, now=NOON + timedelta(days=1))
    assert opted_out(cleo) == OptOut.objects.get().at == NOON


@pytest.mark.django_db
def test_other_leads_of_the_person_follow(django_capture_on_commit_callbacks):
    cleo, again, other = add(), add({"email": " ADA@example.org"}), add({"email": "ben@example.org"})
    with django_capture_on_commit_callbacks(execute=True):
        services.opt_out(lead=cleo, now=NOON)
    assert (opted_out(again), opted_out(other)) == (NOON, None)


@pytest.mark.django_db(transaction=True)
def test_the_lead_says_so_together_with_the_person_or_not_at_all(monkeypatch):
    def away(*args):
        raise OperationalError

    cleo = add()
    with monkeypatch.context() as patch:
        patch.setattr(opting_out, "_remember", away)
        with pytest.raises(OperationalError):
            services.opt_out(lead=cleo, now=NOON)
    assert opted_out(cleo) is None
    assert services.opt_out(lead=cleo, now=NOON)  # so the next one is the first
    assert OptOut.objects.count() == 1


@pytest.mark.django_db
def test_whoever_shares_a_telephone_is_somebody_else():
    cleo, colleague = add(), add({"email": "ben@example.org", "phone": ADA["phone"]})
    opting_out.everywhere(lead=cleo.pk, now=NOON)
    assert opted_out(colleague) is None
    assert opted_out(add({"phone": ADA["phone"]})) is None


@pytest.mark.django_db(transaction=True)
def test_a_click_holds_nothing_while_it_waits_for_whoever_writes_for_the_lead():
    cleo = add()
    click = Thread(target=clicked, args=[cleo])
    with transaction.atomic():
        services.held(cleo.pk)
        click.start()
        while not Lead.objects.raw(
            "SELECT * FROM leads_lead WHERE EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        ):
            sleep(0.01)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        services.opt_out(lead=cleo, now=NOON)  # what the person wrote says the same
    click.join()
    assert opted_out(cleo) == NOON
    assert OptOut.objects.count() == 1


def clicked(lead: Lead) -> None:
    """By the person, at the same time."""
    try:
        opting_out.everywhere(lead=lead.pk, now=NOON + timedelta(hours=1))
    finally:
        connection.close()


@pytest.mark.django_db
def test_one_that_opts_out_with_the_first_message_is_remembered():
    add(opted_out_at=NOON)
    assert add().opted_out_at == NOON
    assert OptOut.objects.count() == 1


@pytest.mark.django_db
def test_many_that_come_in_at_once_are_told_apart():
    opting_out.everywhere(lead=add().pk, now=NOON)
    made = services.create_leads(
        leads=[NewLead(contact={"email": f"{name}@example.org"}) for name in ("ben", "ada", "cleo")], now=NOON
    )
    assert [one.lead.opted_out_at for one in made] == [None, NOON, None]


@pytest.mark.django_db
def test_it_is_said_of_a_known_lead_as_well():
    first = add(external_id="web-17")
    services.opt_out(lead=first, now=NOON)
    [again] = services.create_leads(leads=[NewLead(contact=ADA, external_id="web-17")], now=NOON)
    assert (again.new, again.lead.opted_out_at) == (False, NOON)


@pytest.mark.django_db
def test_nobody_is_nobody():
    gone = add()
    Lead.objects.all().delete()
    assert opting_out.everywhere(lead=gone.pk, now=NOON) == 0
