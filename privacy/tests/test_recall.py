"""Recall on invented messages always; on the corpora of others where CUSTOMEROPS_DATA has them."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from privacy import madeup, unseen
from privacy.evaluation import HELD_OUT, corpora, half_of, score
from privacy.measured import CLEAN_TARGET, TARGETS, measure, table
from privacy.tests.real import data_folder

FOLDER = data_folder()
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "privacy" / "redaction.md"
CLEAN = ("Banking77 (clean)", "CLINC150 without requests about people (clean)")


def test_its_guide_tells_the_truth():
    block = (GUIDE.read_text(encoding="utf-8").split("```python\n")[1]).split("```")[0]
    names: dict[str, object] = {}
    for line in filter(None, block.splitlines()):
        code, _, told = line.partition("  #")
        if told:
            assert eval(code, names) == ast.literal_eval(told.strip())  # noqa: S307 - our own guide
        else:
            exec(code, names)  # noqa: S102 - our own guide


def test_it_finds_what_was_invented():
    assert score(madeup.samples()).recall >= 0.95


def test_it_finds_what_was_invented_later():
    assert score(unseen.samples()).recall >= 0.9


def test_it_leaves_clean_inventions_alone():
    assert score(madeup.clean_samples()).share_touched <= 0.02


def sampled(name, step):
    return (
        sample
        for number, sample in enumerate(corpora(FOLDER)[name]())
        if number % step == 0 and half_of(sample.group) == HELD_OUT
    )


@pytest.mark.slow
@pytest.mark.skipif(not (FOLDER / "pii").is_dir(), reason="the corpora are not here")
@pytest.mark.parametrize("name", TARGETS)
def test_it_reaches_its_target_on_messages_nobody_looked_at(name):
    assert score(sampled(name, 5 if name != "synthetic templates" else 1)).recall >= TARGETS[name]


@pytest.mark.slow
@pytest.mark.skipif(not (FOLDER / "intent").is_dir(), reason="the corpora are not here")
def test_it_touches_few_clean_messages():
    messages = (sample for name in CLEAN for sample in sampled(name, 2))
    assert score(messages).share_touched <= CLEAN_TARGET


def test_its_report_tells_both_halves():
    out = StringIO()
    call_command("redaction_report", "--share", "0.1", "--data", str(Path(__file__).parent), stdout=out)
    assert "| corpus | texts | marked | tuned half | held-out half |" in out.getvalue()
    assert "invented messages of many trades" in out.getvalue()


def test_its_report_measures_without_any_corpus():
    assert [line.name for line in measure(None, share=0.1)] == [
        "invented messages of many trades",
        "invented later, never looked at",
        "invented clean messages (clean)",
    ]
    assert table([]).count("\n") == 1


@pytest.mark.parametrize("flags", [("--share", "0"), ("--share", "2"), ("--data", "/nowhere/at/all")])
def test_its_report_refuses_nonsense(flags):
    with pytest.raises(CommandError):
        call_command("redaction_report", *flags)
