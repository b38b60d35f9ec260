"""The report of a replay as one JSON document, with the answer in words at its head."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from modeling.backtest.figures import BEST_SHARE, CONTESTANTS, calibration, figures_of, margins
from modeling.backtest.replay import Contest, Replay, Version

Document = dict[str, Any]

MOSTLY_SCORED = 0.5
NAMED = 8  # columns in a sentence
WORTH_IT = 0.01  # of AUC; a smaller lead over the frozen model changes nobody's day


def document_of(
    lived: Replay,
    *,
    given_away: Mapping[str, str],
    history: Mapping[str, Any],
    settings: Mapping[str, Any],
    seed: int,
) -> Document:
    """Everything that is told about a replay; `history` and `settings` are told as they come.

    `given_away`: columns the replay never saw, with the reason (hindsight.py).
    """
    pooled = figures_of(lived.contests)
    contested = margins(lived.contests, seed=seed)
    verdicts = Counter(version.verdict for version in lived.versions)
    found = {
        "history": dict(history),
        "settings": dict(settings),
        "hindrance": " ".join(lived.versions[-1].reasons),
        "judged": sum(version.auc is not None for version in lived.versions),
        "verdicts": {name: verdicts[name] for name in ("promote", "hold", "reject")},
        "pooled": pooled,
        "margins": contested,
        "periods": [_period(contest) for contest in lived.contests],
        "calibration": {name: calibration(lived.contests, name) for name in CONTESTANTS[:3]},
        "versions": [_version(version) for version in lived.versions],
        "given_away": dict(given_away),
        "left_out": _left_out(lived.versions, given_away),
        "look_at": _looked_at(lived.versions),
    }
    return {"answer": answer(found), **found}


def _period(contest: Contest) -> Document:
    return {
        "from": f"{contest.period.starts:%Y-%m-%d}",
        "until": f"{contest.period.ends:%Y-%m-%d}",
        "leads": len(contest.converted),
        "converted": int(contest.converted.sum()),
        "known_leads": contest.known_leads,
        "serving": contest.serving,
        "contestants": figures_of([contest]),
    }


def _version(version: Version) -> Document:
    return {
        "learned_at": f"{version.learned_at:%Y-%m-%d}",
        "version": version.version,
        "verdict": version.verdict,
        "reasons": version.reasons,
        "auc": version.auc,
        "n_train": version.n_train,
        "comparison": dict(version.comparison),
        "rows": dict(version.report.get("rows", {})),
        "recipe": dict(version.report.get("recipe", {})),
        "left_out": dict(version.report.get("left_out", {})),
    }


def _left_out(versions: Sequence[Version], given_away: Mapping[str, str]) -> list[Document]:
    """Features left out, with the newest reason and of how many versions."""
    reasons = {name: f"{reason} (over the whole file)" for name, reason in given_away.items()}
    times = Counter(dict.fromkeys(given_away, len(versions)))
    for version in versions:
        left_out = version.report.get("left_out", {})
        times.update(left_out.keys())
        reasons |= left_out
    return [{"feature": name, "reason": reasons[name], "versions": times[name]} for name in sorted(reasons)]


def _looked_at(versions: Sequence[Version]) -> list[Document]:
    found: dict[str, str] = {}
    for version in versions:
        found |= version.report.get("look_at", {})
    return [{"feature": name, "reason": found[name]} for name in sorted(found)]


def answer(found: Mapping[str, Any]) -> Document:
    """Would it have helped? A headline and sentences a sales manager reads; no figure without its meaning."""
    ours = found["pooled"]["nightly"]
    if ours["auc"] is None:
        headline = "Not with these columns." if found["judged"] else "Not yet: no model could be judged."
        return {"verdict": "no", "headline": headline, "sentences": _no_model(found)}
    low = found["margins"].get("nightly", {}).get("low", 0.0)
    over = found["margins"].get("over_frozen", {"low": 0.0, "point": 0.0})
    if low <= 0.5:
        verdict, headline = "no", "No: the scores would not have told good leads from bad."
    elif ours["brier"] > found["pooled"]["base_rate"]["brier"]:
        verdict, headline = "partly", "Partly: the order of the leads was right, the percentages were not."
    elif ours["scored"] < MOSTLY_SCORED * ours["leads"]:
        verdict, headline = "partly", f"Partly: a model came only for the last {ours['scored']:,} leads."
    elif over["low"] > 0 and over["point"] >= WORTH_IT:
        verdict, headline = "yes", "Yes, and learning every time was worth it."
    else:
        verdict, headline = "yes", "Yes; one model, learned once, would have done nearly as well."
    return {"verdict": verdict, "headline": headline, "sentences": _sentences(found)}


def _no_model(found: Mapping[str, Any]) -> list[str]:
    base = found["pooled"]["base_rate"]
    tries = sum(found["verdicts"].values())
    why = (
        f"In {tries} tries no model was good enough to be promoted: what is known of a lead at its arrival"
        " says too little about how it ends."
        if found["judged"]
        else f"In {tries} tries no model came so far that it could be judged. The last time:"
        f" {found['hindrance']}"
    )
    return [
        why,
        f"So no lead would have got a score. Telling everybody the usual rate would have been off by"
        f" {base['brier']:.4f} (Brier); a model of noise would have been worse.",
        *_given_away(found["given_away"]),
    ]


def _given_away(columns: Mapping[str, str]) -> list[str]:
    """What was left out may be all that was known: a person can tell whether it was known at arrival."""
    if not columns:
        return []
    names = ", ".join(list(columns)[:NAMED]) + (" and others" if len(columns) > NAMED else "")
    return [
        f"Left out because they seem to be written when a lead ends: {names}. What was known at arrival can"
        " be allowed with --allow COL,COL."
    ]


def _sentences(found: Mapping[str, Any]) -> list[str]:
    ours, frozen, rival = (found["pooled"][name] for name in CONTESTANTS[:3])
    base = found["pooled"]["base_rate"]
    lines = [
        f"{ours['leads']:,} leads were judged, each scored at its arrival by what could be known that day;"
        f" {ours['rate']:.1%} of them converted.",
        f"Of two leads, one that converted and one that did not, nightly learning put the right one first"
        f" {ours['auc']:.0%} of the time; the first model left alone {frozen['auc']:.0%}, logistic regression"
        f" refitted each time {rival['auc']:.0%}, a coin 50%.",
        f"Calling the best fifth of each period's leads would have reached {ours['top_fifth']:.0%} of all"
        f" conversions, against 20% at random, {frozen['top_fifth']:.0%} with the first model left alone,"
        f" and {min(1.0, BEST_SHARE / ours['rate']):.0%} in a perfect order.",
        f"The scores said {ours['mean_score']:.1%} on average, the truth was {ours['rate']:.1%}; their error"
        f" (Brier) was {ours['brier']:.4f}, that of always saying the usual rate {base['brier']:.4f}.",
    ]
    if found["margins"].get("over_logistic", {}).get("high", 0.0) < 0:
        lines.append("Plain logistic regression would have put the leads in a better order.")
    unscored = ours["leads"] - ours["scored"]
    if unscored:
        lines.insert(
            1, f"{unscored:,} of them came before the first promoted model; the usual rate stands in."
        )
    return lines
