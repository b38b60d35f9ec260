"""Verdicts, and the sentences that go with them."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from modeling.calibration import sigmoid
from modeling.gate import Limits, Scores, judge
from modeling.quality import auc

N = 4000
LIMITS = Limits()


def case(
    *, candidate=1.0, champion=None, n=N, base=-1.0, bias=0.0, rival_bias=0.0, served=None, seed=0
) -> Scores:
    """Scores that know the truth to a degree: 1 all of it, 0 nothing, -1 the opposite."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=n)
    converted = (rng.random(n) < sigmoid(signal + base)).astype(np.int8)

    def knowing(share: float, shift: float) -> np.ndarray:
        return sigmoid(share * signal + base + shift + 0.03 * rng.normal(size=n))

    return Scores(
        converted=converted,
        candidate=knowing(candidate, bias),
        champion=None if champion is None else knowing(champion, rival_bias),
        past_rate=float(converted.mean()),
        served=None if served is None else knowing(served, 0.0),
    )


def verdict(**changes) -> str:
    return judge(case(**changes), limits=LIMITS, seed=1).verdict


def test_a_first_model_that_knows_something_is_promoted():
    found = judge(case(), limits=LIMITS, seed=1)

    assert found.verdict == "promote"
    assert "tells good leads from bad" in found.reasons[0]
    assert found.auc.low < found.auc.point < found.auc.high


def test_noise_is_held():
    verdicts = [verdict(candidate=0.0, seed=seed, n=1000) for seed in range(40)]

    assert set(verdicts) == {"hold"}


def test_a_model_that_ranks_backwards_is_held():
    assert verdict(candidate=-1.0) == "hold"


def test_a_badly_calibrated_first_model_is_held():
    found = judge(case(bias=2.5), limits=LIMITS, seed=1)

    assert found.verdict == "hold"
    assert "average rate would be as good" in found.reasons[0]


@pytest.mark.parametrize(("n", "base"), [(60, -1.0), (3000, -9.0), (3000, 9.0)])
def test_too_few_leads_of_a_kind_are_no_judge(n, base):
    found = judge(case(n=n, base=base), limits=LIMITS, seed=1)

    assert found.verdict == "hold"
    assert "Too few later leads" in found.reasons[0]
    assert found.auc is None


def test_better_is_promoted():
    found = judge(case(champion=0.3, candidate=1.0, rival_bias=1.0), limits=LIMITS, seed=1)

    assert found.verdict == "promote"
    assert "Better than the serving model" in found.reasons[0]


def test_as_good_and_fresher_is_promoted():
    found = judge(case(champion=1.0), limits=LIMITS, seed=1)

    assert found.verdict == "promote"
    assert "fresher" in found.reasons[0]


def test_surely_worse_is_rejected():
    found = judge(case(candidate=0.0, champion=1.0), limits=LIMITS, seed=1)

    assert found.verdict == "reject"
    assert "Surely worse" in found.reasons[0]


def test_scores_at_the_wrong_level_are_rejected_whatever_their_ranking():
    assert verdict(champion=1.0, bias=1.0) == "reject"


def test_a_right_level_is_worth_a_promotion():
    assert verdict(champion=1.0, rival_bias=1.0) == "promote"


def test_noise_does_not_follow_noise():
    verdicts = {verdict(candidate=0.0, champion=0.0, seed=seed) for seed in range(20)}

    assert verdicts <= {"hold", "reject"}


def test_little_evidence_is_held():
    assert verdict(n=150, candidate=0.8, champion=0.9, seed=3) in ("hold", "promote")
    found = judge(case(n=150, candidate=0.2, champion=0.9, seed=3), limits=LIMITS, seed=1)
    assert found.verdict != "promote"


def test_a_refit_that_went_wrong_is_held():
    found = judge(case(served=0.0), limits=LIMITS, seed=1)

    assert found.verdict == "hold"
    assert "not what would serve" in found.reasons[0]


def test_the_table_has_both_sides():
    table = judge(case(champion=0.5), limits=LIMITS, seed=1).table

    assert table["candidate"]["auc"] > table["champion"]["auc"]
    assert (
        table["auc_difference"]["low"] <= table["auc_difference"]["point"] <= table["auc_difference"]["high"]
    )
    assert {"brier", "log_loss", "ece", "mean_score", "rate"} <= set(table["champion"])


def test_the_same_leads_get_the_same_verdict():
    first = judge(case(champion=0.9), limits=LIMITS, seed=1)
    assert judge(case(champion=0.9), limits=LIMITS, seed=1) == first


def test_a_serving_model_that_has_turned_wrong_is_told_of_while_nothing_better_is_found():
    found = judge(case(candidate=-1.0, champion=-1.0), limits=LIMITS, seed=1)

    assert found.verdict == "hold"
    assert "The serving model puts these leads in the wrong order" in found.reasons[-1]


@dataclass(frozen=True)
class Knower:
    """The truth with noise on top, said as calibrated as can be; more noise makes a worse model."""

    logits: np.ndarray
    noise: float

    def says(self, rows: slice) -> np.ndarray:
        spread = SPREAD**2 / (SPREAD**2 + self.noise)
        return sigmoid(self.logits[rows] * spread - 1.0)


SPREAD, NIGHTS = 1.3, 60


def sixty_nights(*, window: int, more_noise: float, seed: int) -> tuple[int, float]:
    """Each night a candidate, made of what serves, is judged on a window that moves on. How many were
    promoted, and the AUC lost from the first to the last, on all leads there are.
    """
    rng = np.random.default_rng(seed)
    signal = SPREAD * rng.normal(size=2 * window)
    converted = (rng.random(2 * window) < sigmoid(signal - 1.0)).astype(np.int8)
    first = Knower(signal + np.sqrt(0.05) * rng.normal(size=2 * window), 0.05)
    serving, best, promoted = first, None, 0
    for night in range(NIGHTS):
        rows = slice(night * window // NIGHTS, night * window // NIGHTS + window)
        if more_noise:
            new = serving.logits + np.sqrt(more_noise) * rng.normal(size=2 * window)
        else:  # as good, by other noise
            own = np.sqrt(0.9) * (serving.logits - signal) + np.sqrt(0.005) * rng.normal(size=2 * window)
            new = signal + own
        candidate = Knower(new, serving.noise + more_noise)
        found = judge(
            Scores(
                converted=converted[rows],
                candidate=candidate.says(rows),
                champion=serving.says(rows),
                past_rate=0.3,
                best=None if best is None else best.says(rows),
            ),
            limits=replace(LIMITS, draws=60),
            seed=night,
        )
        if found.verdict == "promote":
            best = candidate if found.table["best"]["beaten"] else best or serving
            serving, promoted = candidate, promoted + 1
    everywhere = slice(None)
    return promoted, auc(first.says(everywhere), converted) - auc(serving.says(everywhere), converted)


@pytest.mark.parametrize("seed", [0, 1])
def test_many_steps_down_each_too_small_to_tell_do_not_add_up(seed):
    """Each candidate is 0.003 worse than what serves: 60 of them would lose 0.13."""
    promoted, lost = sixty_nights(window=2000, more_noise=0.033, seed=seed)
    assert promoted < NIGHTS / 3
    assert lost < 0.03


def test_as_good_and_fresher_is_promoted_night_after_night():
    promoted, lost = sixty_nights(window=2000, more_noise=0.0, seed=0)
    assert promoted == NIGHTS
    assert abs(lost) < 0.01


def test_what_the_best_version_so_far_would_do_better_is_held_and_told():
    scores = case(champion=0.1, candidate=0.1)
    best = case(champion=1.0, candidate=0.1).champion
    found = judge(replace(scores, best=best), limits=LIMITS, seed=1)
    assert judge(scores, limits=LIMITS, seed=1).verdict == "promote"
    assert (found.verdict, found.table["best"]["beaten"]) == ("hold", False)
    assert found.reasons[0].startswith("It seems worse than the best version so far")
    assert found.reasons[1].startswith("As good as the serving model")


def test_what_is_surely_better_than_the_champion_replaces_it_though_the_best_so_far_was_better_still():
    scores = replace(case(candidate=0.5, champion=0.1), best=case(candidate=0.5, champion=1.0).champion)
    found = judge(scores, limits=LIMITS, seed=1)
    assert (found.verdict, found.table["best"]["beaten"]) == ("promote", False)


def test_a_better_level_alone_does_not_make_up_for_an_order_that_was_better_once():
    """A candidate with a better Brier score that orders leads a little worse, again and again."""
    scores = case(candidate=0.35, champion=0.36, rival_bias=1.0)
    assert judge(scores, limits=LIMITS, seed=1).verdict == "promote"
    best = case(candidate=0.35, champion=1.0).champion
    assert judge(replace(scores, best=best), limits=LIMITS, seed=1).verdict == "hold"
