"""Corrections that people make are learned from, judged, kept, and picked up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils.timezone import now

from leads import adapted, adapting
from leads.enrichment import SHIPPED, enrich, shipped, shipped_digest
from leads.models import EnrichmentModel, Lead, Message
from leads.signals import Intent
from leads.training import correcting
from leads.training.adapting import adapted_part
from leads.training.correcting import adapt, fingerprint, learnable
from leads.training.examples import Example
from leads.understanding.artifact import ModelError, digest, dump, load, parse

PLACES = ("my car", "the van", "her beetle", "our bus", "the old lady")
FORMS = ("fancy a valet for {} again", "{} wants a valet", "valet for {} next time")
NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)


def corrections():
    return [
        Example(form.format(place), f"lead {k}", intent="book")
        for place in PLACES
        for k, form in enumerate(FORMS)
    ]


@pytest.fixture
def quick(monkeypatch):
    """Fewer of our own texts: what is tested is the path, not the figures."""
    monkeypatch.setattr(correcting, "EVERY", 80)


@pytest.fixture(autouse=True)
def forgotten():
    adapted.forget()
    yield
    adapted._served.row = adapted._served.models = None
    adapted.forget()


def right(models, texts):
    return sum(enrich(each.text, models=models).intent.label == each.intent for each in texts)


def test_it_learns_what_people_said(quick):
    result = adapt(SHIPPED.read_bytes(), shipped_digest(), corrections())
    assert result.serves
    figures = result.figures["intent"]
    assert figures["corrections_after"] > figures["corrections_before"]
    assert figures["own_after"] >= figures["own_before"]
    assert set(result.figures) == {"intent"}
    models = load(result.data, result.sha256)
    assert right(models, corrections()) > right(shipped(), corrections())
    assert enrich("please cancel my booking", models=models).intent.label == Intent.CANCEL


def test_it_learns_the_same_of_the_same(quick):
    results = [adapt(SHIPPED.read_bytes(), shipped_digest(), corrections()) for _ in range(2)]
    assert results[0] == results[1]


def test_it_holds_when_our_own_texts_suffer(quick, monkeypatch):
    monkeypatch.setattr(correcting, "_is_better", lambda figures: False)
    result = adapt(SHIPPED.read_bytes(), shipped_digest(), corrections())
    assert not result.serves
    assert result.figures["intent"]["step"] == correcting.STEPS[-1]


@pytest.mark.parametrize(
    ("after", "own", "better"), [(0.8, 0.9, True), (0.5, 0.9, False), (0.4, 0.95, False), (0.9, 0.89, False)]
)
def test_it_must_be_better_and_no_worse(after, own, better):
    figures = {"corrections_before": 0.5, "corrections_after": after, "own_before": 0.9, "own_after": own}
    assert correcting._is_better(figures) is better


def test_it_waits_for_enough_corrections():
    result = adapt(SHIPPED.read_bytes(), shipped_digest(), corrections()[: correcting.FEWEST - 1])
    assert (result.serves, result.figures) == (False, {})


def test_it_moves_nothing_without_corrections():
    part = parse(SHIPPED.read_bytes(), shipped_digest())["parts"]["intent"]
    assert adapted_part(part, [], [], task="intent", step=1.0) == part


def test_it_learns_no_word_that_only_one_person_used():
    part = parse(SHIPPED.read_bytes(), shipped_digest())["parts"]["intent"]
    mine = [Example(f"zorblax {k} please", "me", intent="book") for k in range(3)]
    yours = [Example("zorblax for you", "you", intent="book")]
    assert "zorblax" not in adapted_part(part, mine, [], task="intent", step=1.0)["words"]
    assert "zorblax" in adapted_part(part, mine + yours, [], task="intent", step=1.0)["words"]


def test_it_leaves_opting_out_to_the_rules_and_other_languages_alone():
    texts = [
        Example("no more of this", "a", intent="opt_out"),
        Example("ich möchte bitte einen Termin mit Ihnen", "b", intent="book"),
        Example("can I come by", "c", intent="book"),
    ]
    assert [each.group for each in learnable(texts)] == ["c"]


def test_its_fingerprint_is_of_what_was_said():
    some = corrections()
    assert fingerprint(some) == fingerprint(some[::-1]) != fingerprint(some[1:])


def said(text, *, intent, at=NOW, position=1):
    lead = Lead.objects.create()
    return Message.objects.create(
        lead=lead, position=position, role="lead", text=text, detector_version=1, sent_at=at, received_at=at,
        intent="other", corrected_intent=intent, corrected_at=at, corrected_by="ada",
    )  # fmt: skip


@pytest.mark.django_db
def test_it_learns_at_night_and_reads_with_it(quick):
    for correction in corrections():
        said(correction.text, intent="book")
    assert adapting.learn(now=NOW).startswith("serves: intent: 15 corrections")
    assert adapting.learn(now=NOW) == "nothing new to learn from"
    row = EnrichmentModel.objects.get()
    assert (row.serves, row.base, row.created_at) == (True, shipped_digest(), NOW)
    assert adapted.current().version == row.sha256[:12]
    assert right(adapted.current(), corrections()) > right(shipped(), corrections())


@pytest.mark.django_db
def test_it_tells_that_corrections_are_too_few():
    said("hello you", intent="question", at=NOW - timedelta(days=1))
    assert adapting.learn(now=NOW) == "held: too few corrections"
    assert adapted.current() is shipped()


@pytest.mark.django_db
def test_it_has_nothing_to_do_without_corrections():
    assert adapting.learn(now=NOW) == "nothing new to learn from"
    assert not EnrichmentModel.objects.exists()


def kept(data=None, **changes):
    data = data or dump({**parse(SHIPPED.read_bytes(), shipped_digest()), "source": {"mark": 1}})
    row = {"sha256": digest(data), "base": shipped_digest(), "corrections": "", "serves": True, "figures": {}}
    return EnrichmentModel.objects.create(data=data, created_at=now(), **row | changes)


@pytest.mark.django_db
def test_it_looks_once_a_minute(django_assert_num_queries):
    row = kept()
    with django_assert_num_queries(2):
        assert adapted.current().version == row.sha256[:12]
        assert adapted.current().version == row.sha256[:12]
    adapted.forget()
    with django_assert_num_queries(1):
        assert adapted.current().version == row.sha256[:12]


@pytest.mark.django_db
def test_it_keeps_to_the_models_of_its_release():
    kept(base="f" * 64)
    assert adapted.current() is shipped()


@pytest.mark.django_db
def test_it_refuses_a_row_that_is_not_whole():
    kept(sha256="0" * 64)
    assert adapted.current() is shipped()


@pytest.mark.django_db
def test_its_rows_are_only_added():
    row = kept()
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_it_does_not_load_what_is_not_whole():
    data = SHIPPED.read_bytes()
    with pytest.raises(ModelError, match="digest"):
        load(data[:-1], shipped_digest())


@pytest.mark.django_db
def test_people_see_what_came_of_it(admin_client):
    EnrichmentModel.objects.create(
        base="a", corrections="b", data=b"", serves=False, created_at=NOW, figures={}
    )
    page = admin_client.get("/admin/leads/enrichmentmodel/").content.decode()
    assert "too few corrections" in page
    assert "/add/" not in page.split("<main")[-1].split("changelist")[-1]
