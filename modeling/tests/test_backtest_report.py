"""The answer of a replay in words: each verdict, and each sentence only where it is true."""

from copy import deepcopy

import pytest

from modeling.backtest import report

FIGURES = {"leads": 1000, "scored": 1000, "rate": 0.3, "mean_score": 0.31, "top_fifth": 0.4}
FOUND = {
    "pooled": {
        "nightly": {**FIGURES, "auc": 0.8, "brier": 0.15},
        "frozen": {**FIGURES, "auc": 0.7, "brier": 0.18},
        "logistic": {**FIGURES, "auc": 0.75, "brier": 0.17},
        "base_rate": {**FIGURES, "auc": None, "brier": 0.21},
    },
    "margins": {
        "nightly": {"low": 0.78, "point": 0.8, "high": 0.82},
        "over_frozen": {"low": 0.05, "point": 0.1, "high": 0.15},
        "over_logistic": {"low": 0.01, "point": 0.05, "high": 0.09},
    },
    "verdicts": {"promote": 2, "hold": 3, "reject": 1},
    "judged": 5,
    "hindrance": "Too few later leads to judge by.",
    "given_away": {"size": "it alone separates the outcomes"},
}


def answer(**changes):
    """Changes are written `nightly_auc=0.5` or `over_frozen_low=-0.1`."""
    found = deepcopy(FOUND)
    for name, value in changes.items():
        place, _, figure = name.rpartition("_")
        found["margins" if figure in ("low", "high", "point") else "pooled"][place][figure] = value
    return report.answer(found)


@pytest.mark.parametrize(
    ("changes", "verdict", "headline"),
    [
        ({}, "yes", "learning every time was worth it"),
        ({"over_frozen_low": -0.01}, "yes", "one model, learned once"),
        ({"over_frozen_low": 0.001, "over_frozen_point": 0.005}, "yes", "one model, learned once"),
        ({"nightly_brier": 0.22}, "partly", "the percentages were not"),
        ({"nightly_scored": 400}, "partly", "only for the last 400 leads"),
        ({"nightly_low": 0.49}, "no", "would not have told good leads from bad"),
        ({"nightly_auc": None}, "no", "Not with these columns"),
    ],
)
def test_the_verdict_follows_the_figures(changes, verdict, headline):
    given = answer(**changes)
    assert given["verdict"] == verdict
    assert headline in given["headline"]


def test_without_a_model_it_says_how_often_it_tried():
    said = " ".join(answer(nightly_auc=None)["sentences"])
    assert "In 6 tries" in said
    assert "0.2100" in said


def test_without_a_judged_model_it_tells_what_stood_in_the_way_and_blames_no_column():
    found = deepcopy(FOUND) | {"judged": 0}
    found["pooled"]["nightly"]["auc"] = None
    given = report.answer(found)
    assert given["headline"] == "Not yet: no model could be judged."
    assert given["sentences"][0].endswith("The last time: Too few later leads to judge by.")


def test_without_a_model_it_names_what_was_left_out_and_how_to_allow_it():
    said = " ".join(answer(nightly_auc=None)["sentences"])
    assert "size. What was known at arrival can be allowed with --allow" in said


def test_leads_without_a_score_and_a_better_rival_are_told_only_where_there_are_some():
    plain = " ".join(answer()["sentences"])
    assert "before the first promoted model" not in plain
    assert "Plain logistic regression" not in plain
    said = " ".join(answer(nightly_scored=900, over_logistic_high=-0.01)["sentences"])
    assert "100 of them came before the first promoted model" in said
    assert "Plain logistic regression would have put the leads in a better order." in said
