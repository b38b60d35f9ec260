"""Learning from made-up histories whose truth is known."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from modeling import artifact
from modeling.cards import probabilities
from modeling.dataset import Column, Dataset
from modeling.features import Value
from modeling.learning import LearningOptions, NotEnoughData, Rule, learn
from modeling.tests.histories import START

DAYS = 200
NOW = START + timedelta(days=DAYS)
NAMES = np.array(["partner", "web", "fair"])


def world(*, pull=1.6, n=3000, seed=3) -> Dataset:
    """`size` and `channel` tell who converts; `noise` tells nothing; `paid` is known only afterwards."""
    random = np.random.default_rng(seed)
    created = np.datetime64(START.replace(tzinfo=None), "us") + (
        np.sort(random.uniform(0, (DAYS - 15) * 86_400, n)) * 1_000_000
    ).astype("timedelta64[us]")
    size, noise = random.normal(0, 1, n), random.normal(0, 1, n)
    channel = random.integers(0, 3, n).astype(np.int32)
    odds = pull * (size + (channel == 0)) - 1
    converted = (random.random(n) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    return Dataset.ordered(
        ids=np.arange(n).astype(object),
        created_at=created,
        matures_at=created + np.timedelta64(10, "D"),
        outcome_at=created + np.timedelta64(5, "D"),
        converted=converted,
        columns={
            "size": Column(numbers=size),
            "noise": Column(numbers=noise),
            "channel": Column(codes=channel, vocabulary=list(NAMES)),
            "paid": Column(numbers=converted.astype(float)),
        },
    )


def taught(leads: Dataset, *, now=NOW, rules=None):
    return learn(
        leads=leads, champion=None, now=now, rules=rules or {},
        options=LearningOptions(tuning_seconds=0.0), on_progress=lambda phase, part: None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def lesson():
    return taught(world())


def test_it_promotes_a_first_model_that_tells_good_from_bad(lesson):
    assert lesson.verdict == "promote"
    assert lesson.auc is not None
    assert lesson.auc > 0.8
    assert "AUC" in lesson.reasons[0]


def test_it_leaves_out_what_gives_the_answer_away_and_says_so(lesson):
    features = artifact.load(lesson.artifact).features
    assert "paid" not in features
    assert {"size", "channel"} <= set(features)
    assert "paid" in str(lesson.report)


def test_it_gives_exact_reasons_in_words(lesson):
    scorecard = artifact.load(lesson.artifact)
    lead: dict[str, Value] = {"size": 2.0, "channel": "partner"}
    score = scorecard.score(lead, NOW)
    effects = scorecard.effects(scorecard.codes(lead, NOW))
    assert scorecard.card.base + sum(effects) == pytest.approx(scorecard.logit(lead, NOW), abs=1e-9)
    assert score.grade == "A"
    assert score.reasons[0].effect > 0
    assert "past leads" in score.reasons[0].text


def test_it_is_calibrated(lesson):
    fresh = world(seed=4)
    scores = probabilities(artifact.load(lesson.artifact).card, fresh)
    # the newest leads count most in the calibration, some 600 of them
    assert float(scores.mean()) == pytest.approx(float(fresh.converted.mean()), abs=0.05)


def test_it_holds_a_model_of_noise():
    assert taught(world(pull=0.0)).verdict in {"hold", "reject"}


def test_it_refuses_to_fit_hardly_any_leads():
    with pytest.raises(NotEnoughData, match="leads"):
        taught(world(n=60))


def test_it_never_uses_a_banned_feature():
    lesson = taught(world(), rules={"size": Rule(use="ban")})
    assert "size" not in artifact.load(lesson.artifact).features


def test_it_keeps_a_declared_direction():
    lesson = taught(world(), rules={"noise": Rule(direction="increasing")})
    scorecard = artifact.load(lesson.artifact)
    if "noise" in scorecard.features:
        values = [scorecard.logit({"noise": x}, NOW) for x in np.linspace(-2, 2, 30)]
        assert all(b >= a - 1e-9 for a, b in pairwise(values))


def test_it_does_not_see_outcomes_that_come_later():
    leads, now = world(), NOW - timedelta(days=40)
    late = leads.outcome_at > np.datetime64(now.replace(tzinfo=None), "us")
    turned = replace(leads, converted=np.where(late, 1 - leads.converted, leads.converted).astype(np.int8))
    assert late.any()
    assert taught(leads, now=now).sha256 == taught(turned, now=now).sha256


def test_it_learns_the_same_bytes_in_every_process(lesson):
    code = "from modeling.tests.test_learning import taught, world; print(taught(world()).sha256)"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == lesson.sha256
