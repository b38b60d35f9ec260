"""Live quality: what given scores were worth, kept week by week."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta
from threading import Barrier, BrokenBarrierError

import numpy as np
import pytest
from django.db import connection

from leads.models import Lead, Outcome, State
from modeling.given import Given, read_given
from modeling.measuring import measure
from modeling.models import LiveQuality, Prediction
from modeling.quality import auc
from modeling.tests.cast import the
from modeling.tests.served import DAY, NOW, report, serve, serving, sloping, version_of

pytestmark = pytest.mark.django_db


def week(version, starts) -> LiveQuality:
    return LiveQuality.objects.get(version=version, span="week", starts=starts)


def recent() -> LiveQuality:
    return LiveQuality.objects.get(span="recent")


@pytest.fixture
def champion():
    return serving(sloping()).version


def test_it_measures_nothing_while_nothing_serves():
    found = measure(now=NOW)
    assert (found.weeks, found.recent) == (0, None)


def test_it_tells_every_figure_of_what_a_version_gave(champion):
    serve(400, by=champion)
    found = the(measure(now=NOW).recent)
    given = Prediction.objects.order_by("lead_id").values_list("probability", "lead__outcomes__state")
    scores, states = zip(*given, strict=True)
    booked = [state == "booked" for state in states]
    assert (found.leads, found.converted) == (400, sum(booked))
    assert found.mean_score == pytest.approx(sum(scores) / 400)
    assert found.rate == pytest.approx(sum(booked) / 400)
    assert found.brier == pytest.approx(sum((p - y) ** 2 for p, y in zip(scores, booked, strict=True)) / 400)
    assert found.auc == pytest.approx(auc(np.array(scores), np.array(booked, dtype=np.int8)))
    assert found.auc_low < found.auc < found.auc_high
    assert found.auc_low < found.expected_auc < found.auc_high  # the truth is what the version says
    assert found.ece < 0.1
    assert found.lift > 1.5
    assert found.holdout_auc == 0.8


def test_weeks_start_on_mondays_and_go_by_maturity(champion):
    serve(60, by=champion, matured=(14, 7.3))  # from Monday the 16th to Sunday the 22nd
    serve(40, by=champion, matured=(7, 0.5), seed=4)
    measure(now=NOW)
    rows = LiveQuality.objects.filter(version=champion, span="week").order_by("starts")
    assert [(row.starts, row.ends, row.leads) for row in rows] == [
        (date(2026, 2, 16), date(2026, 2, 23), 60),
        (date(2026, 2, 23), date(2026, 3, 2), 40),
    ]


def test_each_version_has_its_weeks_and_all_of_them_have_one_together(champion):
    other = version_of(sloping(0.3), days_ago=190, auc=0.7)
    serve(60, by=champion, matured=(13, 8))
    leads = serve(20, by=other, matured=(13, 8), seed=4)
    # the champion scored these too, a day later
    Prediction.objects.bulk_create(
        Prediction(lead=lead, version=champion, features={}, probability=0.5, at=lead.created_at + DAY)
        for lead in leads
    )
    measure(now=NOW)
    monday = date(2026, 2, 16)
    assert [week(version, monday).leads for version in (champion, other, None)] == [80, 20, 80]
    assert week(other, monday).holdout_auc == 0.7
    assert 0.7 < the(week(None, monday).holdout_auc) < 0.8


def test_a_score_given_after_the_ending_or_after_maturity_is_no_forecast(champion):
    leads = serve(60, by=champion, matured=(13, 8))
    for lead, at in ((leads[0], 4), (leads[1], 11)):
        Prediction.objects.filter(lead=lead).update(at=lead.created_at + at * DAY)
    measure(now=NOW)
    assert week(champion, date(2026, 2, 16)).leads == 58


def test_a_lead_that_was_scored_often_counts_once_by_one_of_its_moments(champion):
    leads = serve(80, by=champion, matured=(13, 8))
    for lead in leads:
        Prediction.objects.create(
            lead=lead, version=champion, features={}, probability=0.999, at=lead.created_at + DAY
        )
    measure(now=NOW)
    found = week(champion, date(2026, 2, 16))
    mean = sum(Prediction.objects.values_list("probability", flat=True)) / 160
    assert found.leads == 80
    assert found.mean_score == pytest.approx(mean, abs=0.12)
    before = found.mean_score
    LiveQuality.objects.all().delete()
    measure(now=NOW)
    assert week(champion, date(2026, 2, 16)).mean_score == before


def test_spam_and_leads_that_wait_are_left_out(champion):
    leads = serve(60, by=champion, matured=(13, 8))
    report(leads[0], State.SPAM, at=NOW - DAY)
    Lead.objects.filter(pk=leads[1].pk).update(matures_at=NOW + DAY)
    measure(now=NOW)
    assert week(champion, date(2026, 2, 16)).leads == 58


def test_a_week_that_was_measured_is_left_alone(champion):
    serve(60, by=champion, matured=(13, 8))
    measure(now=NOW)
    assert measure(now=NOW + DAY).weeks == 0
    assert week(champion, date(2026, 2, 16)).measured_at == NOW


@pytest.mark.parametrize("state", [State.BOOKED, State.SPAM])
def test_a_late_outcome_opens_its_week_again_and_no_other(champion, state):
    leads = serve(60, by=champion, matured=(13, 8))
    serve(60, by=champion, matured=(27, 22), seed=5)
    measure(now=NOW)
    before = week(champion, date(2026, 2, 16))
    lost = next(lead for lead in leads if lead.outcomes.get().state == "ghosted")
    report(lost, state, at=NOW + DAY)

    found = measure(now=NOW + 2 * DAY)

    assert (found.weeks, found.reopened) == (2, 2)  # the version's, and that of whatever served
    after = week(champion, date(2026, 2, 16))
    assert (after.reopened, after.measured_at) == (1, NOW + 2 * DAY)
    changed = (after.leads - before.leads, after.converted - before.converted)
    assert changed == ((0, 1) if state == State.BOOKED else (-1, 0))


def test_a_report_that_shows_a_score_came_too_late_opens_its_week_again(champion):
    leads = serve(60, by=champion, matured=(13, 8))
    measure(now=NOW)
    before_it_was_scored = leads[0].created_at - timedelta(hours=1)
    Outcome.objects.create(
        lead=leads[0], state="booked", occurred_at=before_it_was_scored, recorded_at=NOW + DAY
    )
    measure(now=NOW + 2 * DAY)
    assert week(champion, date(2026, 2, 16)).leads == 59


def test_figures_stay_when_leads_are_erased(champion):
    leads = serve(60, by=champion, matured=(13, 8))
    measure(now=NOW)
    Lead.objects.filter(pk__in=[lead.pk for lead in leads[:30]]).delete()
    measure(now=NOW + DAY)
    assert week(champion, date(2026, 2, 16)).leads == 60


def test_few_leads_have_figures_but_no_auc(champion):
    serve(20, by=champion)
    measure(now=NOW)
    found = recent()
    assert (found.leads, found.auc, found.auc_low, found.auc_high) == (20, None, None, None)
    assert found.brier > 0


def test_recent_are_the_last_weeks_or_the_newest_500(champion, settings):
    settings.LIVE_QUALITY_DAYS = 7
    serve(550, by=champion, matured=(150, 30))
    serve(20, by=champion, matured=(6, 1), seed=4)
    measure(now=NOW)
    assert recent().leads == 500
    serve(600, by=champion, matured=(6, 1), seed=5)
    measure(now=NOW)
    assert recent().leads == 620
    assert recent().starts >= date(2026, 2, 23)


def test_a_week_whose_leads_all_turned_out_to_be_spam_is_gone(champion):
    serve(60, by=champion, matured=(27, 22), seed=5)
    [only] = serve(1, by=champion, matured=(10, 10))
    measure(now=NOW)
    assert week(champion, date(2026, 2, 16)).leads == 1
    report(only, State.SPAM, at=NOW + DAY)
    assert measure(now=NOW + 2 * DAY).reopened == 2
    assert LiveQuality.objects.filter(span="week").count() == 2


def test_a_week_whose_leads_were_all_erased_stays(champion):
    [only] = serve(1, by=champion, matured=(10, 10))
    measure(now=NOW)
    Lead.objects.filter(pk=only.pk).delete()
    measure(now=NOW + DAY)
    assert week(champion, date(2026, 2, 16)).leads == 1


def test_who_matured_in_an_open_week_is_counted_although_somebody_else_was_erased(champion):
    friday = NOW - 3 * DAY
    leads = serve(20, by=champion, matured=(6.9, 2.5))
    measure(now=friday)
    before = week(champion, date(2026, 2, 23))
    Lead.objects.filter(pk__in=[lead.pk for lead in leads[: 20 - before.leads]]).delete()
    measure(now=NOW)
    after = week(champion, date(2026, 2, 23))
    assert after.leads == before.leads < 20
    assert (after.measured_at, after.reopened) == (NOW, 0)


def test_an_outcome_that_was_on_its_way_while_a_week_was_measured_opens_it_once(champion):
    """Written before, seen after: the transaction of an import takes a while."""
    leads = serve(60, by=champion, matured=(13, 8))
    measure(now=NOW)
    before = week(champion, date(2026, 2, 16))
    lost = next(lead for lead in leads if lead.outcomes.get().state == "ghosted")
    report(lost, State.BOOKED, at=NOW - timedelta(minutes=20))
    assert measure(now=NOW + DAY).weeks == 2
    after = week(champion, date(2026, 2, 16))
    assert (after.converted, after.reopened) == (before.converted + 1, 1)
    assert measure(now=NOW + 2 * DAY).weeks == 0


def test_a_week_that_is_looked_at_again_and_is_the_same_was_not_opened(champion):
    leads = serve(60, by=champion, matured=(13, 8))
    measure(now=NOW)
    lost = next(lead for lead in leads if lead.outcomes.get().state == "ghosted")
    report(lost, State.GHOSTED, at=NOW - timedelta(minutes=20))
    found = measure(now=NOW + DAY)
    assert (found.weeks, found.reopened) == (2, 0)
    assert week(champion, date(2026, 2, 16)).reopened == 0


@pytest.mark.django_db(transaction=True)
def test_two_that_measure_at_once_write_each_week_once(monkeypatch):
    champion = serving(sloping()).version
    serve(60, by=champion, matured=(13, 8))
    both = Barrier(2)

    def met(*, now: datetime) -> Given:
        with suppress(BrokenBarrierError):
            both.wait(0.3)
        return read_given(now=now)

    def measured(_: int) -> int:
        try:
            return measure(now=NOW).weeks
        finally:
            connection.close()

    monkeypatch.setattr("modeling.measuring.read_given", met)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(measured, range(2))) == [0, 2]
    assert LiveQuality.objects.count() == 3
