"""The models' file is loaded only when it is whole; training makes the same bytes of the same texts."""

import subprocess
import sys
from time import perf_counter

import pytest
from django.core.management import call_command

from leads.enrichment import SHIPPED, enrich, shipped_digest
from leads.training.borrowed import CREDITS, READERS, borrowed
from leads.training.examples import Example
from leads.training.invented import invented, templates, trades
from leads.training.judging import accuracy, calibration_error, correlation, macro_f1, macro_recall
from leads.training.measures import Measure, document, table
from leads.training.shipping import trained
from leads.training.written import whole, written
from leads.understanding.artifact import LABELS, ModelError, digest, dump, load, parse
from leads.understanding.linear import LARGEST_WEIGHT, packed, unpacked
from privacy.tests.real import data_folder

GOOD = parse(SHIPPED.read_bytes(), shipped_digest())


def changed(**changes):
    """The shipped document with one part's fields replaced."""
    part = GOOD["parts"]["urgency"] | changes
    return GOOD | {"parts": GOOD["parts"] | {"urgency": part}}


BROKEN = {
    "labels in another order": changed(labels=["normal", "low", "high"]),
    "a missing label": changed(labels=["low", "high"]),
    "bias of another length": changed(bias=[0.0]),
    "bias of words": changed(bias=["0", "0", "0"]),
    "a huge scale": changed(scale=1e9),
    "a scale that is true": changed(scale=True),
    "a row too short": changed(words={"now": [1, 2, 3]}),
    "a row of fractions": changed(words={"now": [1, 2, 3.5, 100]}),
    "a huge weight": changed(words={"now": [LARGEST_WEIGHT + 1, 0, 0, 100]}),
    "a length of nothing": changed(words={"now": [1, 2, 3, 0]}),
    "a list of rows": changed(chars=[]),
    "a long n-gram": changed(chars={"x" * 65: [1, 2, 3, 100]}),
    "one key more": changed(extra=1),
    "a part less": GOOD | {"parts": {"intent": GOOD["parts"]["intent"]}},
    "another schema": GOOD | {"schema": 2},
    "a source that is a text": GOOD | {"source": "me"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_it_refuses(name):
    data = dump(BROKEN[name])
    with pytest.raises(ModelError):
        load(data, digest(data))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'{"schema":1}', b'{"a":1,"a":2}', b"[" * 100_000])
def test_it_refuses_what_is_no_document(data):
    with pytest.raises(ModelError):
        load(data, digest(data))


def test_it_refuses_other_bytes_and_too_many():
    with pytest.raises(ModelError, match="digest"):
        load(SHIPPED.read_bytes() + b" ", shipped_digest())
    with pytest.raises(ModelError, match="larger"):
        load(b" " * 6_000_001, "")
    spaced = SHIPPED.read_bytes() + b"\n"
    with pytest.raises(ModelError, match="canonical"):
        load(spaced, digest(spaced))


def test_it_stays_small():
    assert SHIPPED.stat().st_size <= 1_500_000


def test_it_names_whose_texts_it_learned_from():
    told = GOOD["source"]["credits"]
    assert sorted(told) == sorted(f"{name}: {credit}" for name, credit in CREDITS.items())
    assert all("CC BY" in credit or "MIT" in credit for credit in CREDITS.values())
    assert set(CREDITS) == set(READERS)


@pytest.mark.parametrize("weights", [(0, 0), (5, -5, 12), (-LARGEST_WEIGHT, LARGEST_WEIGHT)])
def test_its_rows_add_up_in_one_number(weights):
    row = packed(weights, 250)
    assert unpacked(row, len(weights)) == [*weights, 250]
    assert unpacked(3 * row, len(weights), rows=3) == [*(3 * weight for weight in weights), 750]


def test_it_reads_hostile_text_in_linear_time():
    def seconds(text):
        start = perf_counter()
        enrich(text)
        return perf_counter() - start

    enrich("warm")
    for bit in (
        "a",
        "stop ",
        "not ",
        "!",
        "[A",
        "don't stop remove me from ",
        "\u0301",
        ":)",
        "12:",
        "> ",
        "😀",
    ):
        assert seconds((bit * 100_000)[:100_000]) < 2


def test_it_learns_the_same_of_the_same_texts():
    chosen = [template for k, template in enumerate(templates()) if k % 12 == 0]
    texts = [*invented(chosen=chosen, seed=3), *whole()]
    first, second = (dump(trained(texts)) for _ in range(2))
    assert first == second
    assert load(first, digest(first)).intent.labels == LABELS["intent"]
    assert texts == [*invented(chosen=chosen, seed=3), *whole()]
    assert texts != [*invented(chosen=chosen, seed=4), *whole()]


def test_its_own_texts_say_what_they_must():
    for example in [*invented(), *written()]:
        assert example.text.strip()
        assert "{" not in example.text or example.intent == "spam"
        for task, labels in LABELS.items():
            assert example.label(task) is None or example.label(task) in labels
    assert len(trades()) >= 15
    assert {template.intent for template in templates()} == set(LABELS["intent"])


@pytest.mark.skipif(not (data_folder() / "intent").is_dir(), reason="the texts by others are not here")
def test_it_borrows_with_labels_of_ours():
    for example in borrowed(data_folder()):
        assert any(example.label(task) in labels for task, labels in LABELS.items())


def test_it_measures():
    told, true = ["a", "a", "b", "b"], ["a", "b", "b", "b"]
    assert accuracy(told, true) == 0.75
    assert macro_recall(told, true) == pytest.approx((1 + 2 / 3) / 2)
    assert macro_f1(told, true) == pytest.approx((2 / 3 + 0.8) / 2)
    assert calibration_error([0.9, 0.9], [True, False]) == pytest.approx(0.4)
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)


def test_it_tells_what_was_missed():
    page = document([Measure("a set", "recall", 0.5, 0.6), Measure("a set", "accuracy", 0.7)])
    assert "| a set | recall | 0.500 | ≥ 0.60 (missed) |" in page
    assert table([Measure("x", "y", 0.6, 0.6)]).endswith("| x | y | 0.600 | ≥ 0.60 |")


def test_it_trains_by_command(monkeypatch, capsys):
    few = [
        Example(f"{text} {k}", text, "book", "neutral", "low") for text in ("one", "two") for k in range(4)
    ]
    other = [
        Example(f"{text} {k}", text, "spam", "negative", "high") for text in ("six", "ten") for k in range(4)
    ]
    monkeypatch.setattr("leads.training.shipping.examples", lambda folder, *, seed: [*few, *other])
    call_command("train_enrichment", "--own")
    assert "16 texts" in capsys.readouterr().out


def test_it_reads_without_numpy():
    code = (
        "import sys; from leads.enrichment import enrich; enrich(str()); print({*sys.modules} & {*sys.argv})"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, "numpy", "django", "sklearn"], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"
