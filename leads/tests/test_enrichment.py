"""What messages tell: laws that hold for any text, and tables of what people really write."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.enrichment import enrich, shipped
from leads.metrics import ENRICHMENTS, count_enrichment
from leads.signals import Intent, Sentiment, Urgency

texts = st.one_of(
    st.text(max_size=300),
    st.text(alphabet=string.ascii_letters + " .,!?'\n[]0123456789>:)", max_size=300),
    st.lists(st.sampled_from(["not", "stop", "[PERSON]", "book", "😡", "soooo", "don't", "ñ", "İ", "ﬀ"])).map(
        " ".join
    ),
)


@given(texts)
@settings(deadline=None)
def test_it_reads_any_text(text):
    told = enrich(text)
    assert told.intent.label in set(Intent)
    assert told.sentiment.label in set(Sentiment)
    assert told.urgency.label in set(Urgency)
    assert -1 <= told.sentiment.score <= 1
    assert 0 <= told.urgency.score <= 1
    for judgement in (told.intent, told.sentiment, told.urgency):
        assert 0 <= judgement.confidence <= 1
        assert all(word and word in text for word in judgement.words)
    assert enrich(text) == told


@pytest.mark.parametrize("text", ["", "  \n ", "[WITHHELD]", "***"])
def test_it_knows_nothing_of_nothing(text):
    told = enrich(text)
    assert (told.intent.label, told.intent.confidence) == (Intent.OTHER, 0)
    assert (told.sentiment.label, told.sentiment.score) == (Sentiment.NEUTRAL, 0)
    assert told.urgency.label == Urgency.NORMAL


def test_it_names_its_models():
    assert enrich("hello").version == shipped().version


def test_it_counts_by_label():
    told = enrich("please cancel my booking")
    series = ENRICHMENTS.labels(told.intent.label, told.urgency.label, told.sentiment.label)
    before = series._value.get()
    count_enrichment(told)
    assert series._value.get() == before + 1
