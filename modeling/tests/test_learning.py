"""The whole story on made-up histories, whose truth is known."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from modeling import artifact
from modeling.cards import probabilities
from modeling.dataset import Column, Dataset
from modeling.learning import LearningOptions, Lesson, NotEnoughData, Rule, learn
from modeling.quality import auc
from modeling.scorecard import Scorecard
from modeling.tests.worlds import START, World, moment, row, words, world

QUICK = LearningOptions(tuning_seconds=0.0)
DIGEST = """
from modeling.tests.test_learning import lesson
from modeling.tests.worlds import words, world
leads = world(800, extra={"city": words([f"city {k % 23}" for k in range(800)])})
print(lesson(leads).sha256)
"""


def lesson(
    history: World, *, champion: Scorecard | None = None, now=None, options=QUICK, **rules: Rule
) -> Lesson:
    return learn(
        leads=history.leads,
        champion=champion,
        now=now or history.end,
        rules=rules,
        options=options,
        on_progress=lambda phase, done: None,
    )


def loaded(found: Lesson) -> Scorecard:
    return artifact.load(found.artifact, found.sha256)


@pytest.fixture(scope="module")
def history() -> World:
    return world(3000)


@pytest.fixture(scope="module")
def learned(history) -> Lesson:
    return lesson(history)


def test_it_comes_near_the_truth(learned):
    fresh = world(4000, seed=8)
    scores = probabilities(loaded(learned).card, fresh.leads)

    assert learned.verdict == "promote"
    assert auc(scores, fresh.leads.converted) > auc(fresh.truth, fresh.leads.converted) - 0.02
    assert np.abs(scores - fresh.truth).mean() < 0.06
    assert scores.mean() == pytest.approx(fresh.leads.converted.mean(), abs=0.03)


def test_what_is_served_row_by_row_is_what_was_fitted(history, learned):
    scorecard = loaded(learned)
    many = probabilities(scorecard.card, history.leads)
    for k in range(0, 3000, 37):
        one = scorecard.probability(row(history.leads, k), moment(history.leads, k))
        assert one == pytest.approx(many[k], abs=1e-12)


def test_it_tells_its_lesson(learned):
    assert learned.auc == learned.comparison["candidate"]["auc"]
    assert learned.n_train == learned.report["rows"]["known"] == 3000
    assert learned.report["left_out"] == {}
    assert {"channel", "visits", "budget"} <= set(learned.report["features"])
    assert {"slices", "shifted"} <= set(learned.comparison)
    partner = [group for group in learned.comparison["slices"] if group["group"] == "partner"]
    assert partner[0]["rate"] > 0.4


def test_grades_cut_the_training_leads_at_20_50_80(history, learned):
    scorecard = loaded(learned)
    grades = [scorecard.grade(p) for p in probabilities(scorecard.card, history.leads)]

    shares = [grades.count(grade) / len(grades) for grade in "ABCD"]
    assert shares == pytest.approx([0.2, 0.3, 0.3, 0.2], abs=0.02)


def test_the_same_leads_give_the_same_bytes(history, learned):
    assert lesson(history).sha256 == learned.sha256


def test_no_process_or_number_of_threads_changes_the_digest():
    digests = set()
    for hashed, threads in (("1", "1"), ("2", "2")):
        env = os.environ | {"PYTHONHASHSEED": hashed, "OMP_NUM_THREADS": threads}
        run = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=env,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout.strip())

    assert len(digests) == 1


def test_a_vocabulary_in_another_order_changes_nothing(history, learned):
    column = history.leads.columns["channel"]
    last = len(column.vocabulary) - 1
    turned = Column(codes=(last - column.codes).astype(np.int32), vocabulary=column.vocabulary[::-1])
    leads = Dataset(**{**history.leads.__dict__, "columns": {**history.leads.columns, "channel": turned}})

    assert lesson(World(leads, history.truth)).sha256 == learned.sha256


def test_noise_is_held_night_after_night():
    for seed in range(4):
        found = lesson(world(1500, seed=seed, signal=0.0))
        assert found.verdict == "hold"
        assert "0.5 is chance" in found.reasons[0]


def test_the_next_night_takes_over_from_the_last(history, learned):
    earlier = loaded(lesson(world(3000, seed=5)))
    found = lesson(history, champion=earlier)

    assert found.verdict in ("promote", "hold")
    assert found.comparison["champion"]["leads"] == found.comparison["candidate"]["leads"]


def test_it_follows_a_world_that_turned():
    before = world(3000, flips_at=0.6)
    first = lesson(before, now=START.replace(month=6))
    found = lesson(before, champion=loaded(first))

    assert first.verdict == "promote"
    assert found.verdict == "promote"
    assert "Better than the serving model" in found.reasons[0]


def test_a_leak_is_named_and_left_out(history):
    leaked = Column(numbers=history.leads.converted.astype(np.float64))
    found = lesson(world(3000, extra={"deal_id_set": leaked}))

    assert "separates the outcomes" in found.report["left_out"]["deal_id_set"]
    assert "deal_id_set" not in found.report["features"]
    assert found.auc < 0.9


def test_a_person_s_rules_are_kept(history):
    found = lesson(history, channel=Rule(use="ban"), visits=Rule(phrase="came by {value} times"))

    assert found.report["left_out"]["channel"] == "banned by a person"
    score = loaded(found).score({"visits": 12}, START)
    assert any("came by" in reason.text for reason in score.reasons)


def test_progress_goes_through_the_phases(history):
    seen: list[tuple[str, float]] = []
    learn(
        leads=history.leads,
        champion=None,
        now=history.end,
        rules={},
        options=QUICK,
        on_progress=lambda phase, done: seen.append((phase, done)),
    )

    assert list(dict.fromkeys(phase for phase, _ in seen)) == ["preparing", "tuning", "fitting", "judging"]
    assert all(0.0 <= done <= 1.0 for _, done in seen)


N = 700
RNG = np.random.default_rng(2)
ODD = {
    "all missing": Column(numbers=np.full(N, np.nan)),
    "no content at all": Column(),
    "infinite": Column(numbers=np.where(RNG.random(N) < 0.3, np.inf, -np.inf)),
    "huge": Column(numbers=RNG.random(N) * 1e308),
    "tiny": Column(numbers=RNG.random(N) * 1e-308),
    "weird words": words([["🙂", "‮rtl", "", " ", "\x00", "null", "x" * 1000][k % 7] for k in range(N)]),
    "mixed": Column(
        numbers=np.where(np.arange(N) % 3 == 0, np.arange(N) % 9, np.nan),
        codes=np.where(np.arange(N) % 3 == 1, np.arange(N) % 2, -1).astype(np.int32),
        vocabulary=["true", "false"],
    ),
    "dates and rubbish": words([["2025-03-01", "2025-02-30", None, "2025-13-01"][k % 4] for k in range(N)]),
    "far dates": words([["9999-12-31", "0001-01-01", "2025-05-05"][k % 3] for k in range(N)]),
    "lead.hour": Column(numbers=RNG.random(N)),
    "x" * 300: Column(numbers=RNG.random(N)),
}


@pytest.mark.parametrize("name", list(ODD))
def test_odd_columns_are_survived(name):
    found = lesson(world(N, extra={name: ODD[name]}))

    assert loaded(found).score({name: "?"}, START).probability > 0


def test_five_hundred_columns_are_survived():
    extra = {f"c{k}": Column(numbers=RNG.normal(size=N)) for k in range(500)}
    found = lesson(world(N, extra=extra))

    assert len(found.report["features"]) > 500


@pytest.mark.parametrize("converted", [0, 1])
def test_one_kind_of_outcome_is_not_enough(converted):
    leads = world(N).leads
    flat = Dataset(
        **{
            **leads.__dict__,
            "converted": np.full(N, converted, dtype=np.int8),
            "outcome_at": leads.matures_at,
        }
    )
    with pytest.raises(NotEnoughData, match="are not enough to learn from"):
        lesson(World(flat, np.zeros(N)))


@pytest.mark.parametrize("n", [0, 1, 150])
def test_few_leads_are_not_enough(n):
    with pytest.raises(NotEnoughData):
        lesson(world(n))


def test_no_attribute_at_all_is_not_enough():
    leads = world(N).leads
    bare = Dataset(**{**leads.__dict__, "columns": {}})
    banned = {f"lead.{part}": Rule(use="ban") for part in ("hour", "weekday", "month")}
    with pytest.raises(NotEnoughData, match="No attribute"):
        lesson(World(bare, np.zeros(N)), **banned)


def test_barely_enough_leads_are_learned_from_but_held():
    found = lesson(world(330), options=LearningOptions(min_leads=200, min_converted=20, tuning_seconds=0.0))

    assert found.verdict == "hold"
    assert "Too few later leads" in found.reasons[0]
    assert found.auc is None
