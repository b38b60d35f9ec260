"""Measured on texts by others: the trainer on their own labels, the shipped models on what they never saw.

Nothing that is learned here is kept: some of these sets may be measured with, but not be part of a product.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold

from leads.enrichment import enrich
from leads.signals import Intent, Sentiment, Urgency
from leads.training.borrowed import lines, table
from leads.training.fitting import Fitted, Recipe, Task, fit
from leads.training.judging import accuracy, correlation, macro_f1, macro_recall
from leads.training.measures import Measure
from leads.training.vectors import Floats, features_of
from leads.understanding.artifact import LABELS

ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
PLAIN = Recipe(folds=0, balanced=False)
MOOD = Recipe(folds=0, strength=0.5, topics=False)
FOLDS = 10
NOWHERE = "oos"  # CLINC150's name of what is out of scope
GIVEN_UP = 0.005  # in-scope accuracy that may be paid for hearing what is out of scope
PRIORITIES = {"low": Urgency.LOW.value, "medium": Urgency.NORMAL.value, "high": Urgency.HIGH.value}
# Bitext's intents that clearly say the same as ours
BITEXT = {
    "cancel_order": Intent.CANCEL,
    "change_order": Intent.CHANGE,
    "change_shipping_address": Intent.CHANGE,
    "check_payment_methods": Intent.QUESTION,
    "check_refund_policy": Intent.QUESTION,
    "complaint": Intent.COMPLAINT,
    "delivery_options": Intent.QUESTION,
    "payment_issue": Intent.SUPPORT,
    "place_order": Intent.BOOK,
    "recover_password": Intent.SUPPORT,
    "registration_problems": Intent.SUPPORT,
    "track_order": Intent.SUPPORT,
}


def airline(folder: Path) -> Iterator[Measure]:
    """Trained on the earlier four fifths of the tweets, judged on the later fifth."""
    rows = sorted(table(folder, "sentiment/airline_tweets_first70"), key=lambda row: row["tweet_created"])
    if not rows:
        return
    texts, labels = [row["text"] for row in rows], [row["airline_sentiment"] for row in rows]
    first = len(rows) * 4 // 5
    fitted = _fitted(texts[:first], labels[:first], LABELS["sentiment"], MOOD)
    told = fitted.predicted(texts[first:])
    yield Measure(
        "Airline tweets, later fifth",
        "macro-F1, trained on the earlier",
        macro_f1(told, labels[first:]),
        0.73,
    )
    yield Measure("Airline tweets, later fifth", "accuracy", accuracy(told, labels[first:]))


def tweets(folder: Path) -> Iterator[Measure]:
    """The shipped model on tweets it never saw."""
    rows = list(table(folder, "sentiment/tweeteval_sentiment_val"))
    if rows:
        told = [enrich(_unescaped(row["text"])).sentiment.label for row in rows]
        recall = macro_recall(told, [row["label"] for row in rows])
        yield Measure("TweetEval sentiment, unseen", "macro recall of the shipped model", recall, 0.60)


def banking(folder: Path) -> Iterator[Measure]:
    """Ten-fold, stratified: only the train part of the set is used."""
    rows = list(table(folder, "intent/banking77_train"))
    if not rows:
        return
    texts, labels = [row["text"] for row in rows], np.array([row["category"] for row in rows])
    right = 0
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(texts, labels):
        fitted = _fitted([texts[k] for k in train], labels[train].tolist(), sorted(set(labels)), PLAIN)
        right += sum(np.array(fitted.predicted([texts[k] for k in test])) == labels[test])
    yield Measure("Banking77, 77 intents, ten folds of the train part", "accuracy", right / len(texts), 0.91)


def clinc(folder: Path) -> Iterator[Measure]:
    """Trained on the train part; out of scope is one more label, chosen a little more readily."""
    rows = list(table(folder, "intent/clinc150_train_val"))
    if not rows:
        return
    train = [row for row in rows if row["split"] in ("train", "oos_train")]
    test = [row for row in rows if row["split"] in ("val", "oos_val")]
    labels = sorted({row["intent"] for row in rows})
    ready = _readiness(train, labels)
    margins = _margins(_clinc_model(train, labels), test, labels, ready)
    told = [labels[k] for k in margins.argmax(axis=1)]
    pairs = list(zip(told, (row["intent"] for row in test), strict=True))
    inside = [one == true for one, true in pairs if true != NOWHERE]
    outside = [one == true for one, true in pairs if true == NOWHERE]
    yield Measure("CLINC150, 150 intents, validation part", "in-scope accuracy", float(np.mean(inside)), 0.92)
    yield Measure("CLINC150, validation part", "out-of-scope recall", float(np.mean(outside)), 0.45)


def _readiness(train: Sequence[dict[str, str]], labels: Sequence[str]) -> float:
    """How much more readily: until three held-back folds of the train part lose GIVEN_UP of accuracy."""
    true = np.array([labels.index(row["intent"]) for row in train])
    held = np.zeros((len(train), len(labels)))
    for rest, part in StratifiedKFold(3, shuffle=True, random_state=0).split(held, true):
        model = _clinc_model([train[k] for k in rest], labels)
        held[part] = _margins(model, [train[k] for k in part], labels, 0.0)
    inside, nowhere = true != labels.index(NOWHERE), labels.index(NOWHERE)
    best = float(np.mean(held.argmax(axis=1)[inside] == true[inside]))
    ready = 0.0
    while ready < 1.0:
        held[:, nowhere] += 0.05
        if np.mean(held.argmax(axis=1)[inside] == true[inside]) < best - GIVEN_UP:
            break
        ready += 0.05
    return ready


def _clinc_model(rows: Sequence[dict[str, str]], labels: Sequence[str]) -> Fitted:
    return _fitted([row["text"] for row in rows], [row["intent"] for row in rows], labels, PLAIN)


def _margins(model: Fitted, rows: Sequence[dict[str, str]], labels: Sequence[str], ready: float) -> Floats:
    margins = model.margins([features_of(row["text"]) for row in rows])
    margins[:, labels.index(NOWHERE)] += ready
    return margins


def bitext(folder: Path) -> Iterator[Measure]:
    """The shipped model on help-desk requests that a generator wrote, where intents say the same."""
    rows = [row for row in table(folder, "intent/bitext_customer_support_21k") if row["intent"] in BITEXT][
        ::5
    ]
    if rows:
        told = [enrich(row["utterance"]).intent.label for row in rows]
        true = [BITEXT[row["intent"]].value for row in rows]
        yield Measure(
            "Bitext help desk, unseen, every fifth",
            "macro recall of the shipped model",
            macro_recall(told, true),
        )


def ratings(folder: Path) -> Iterator[Measure]:
    """Three folds: a tweet's score by a model that did not see it, beside the mean of twenty raters."""
    rows = list(table(folder, "sentiment/vader_gold_tweets"))
    if not rows:
        return
    texts, given = [row["text"] for row in rows], [float(row["mean_rating"]) for row in rows]
    labels = [_mood(rating) for rating in given]
    scores = np.zeros(len(rows))
    for train, test in StratifiedKFold(3, shuffle=True, random_state=0).split(texts, labels):
        fitted = _fitted([texts[k] for k in train], [labels[k] for k in train], LABELS["sentiment"], MOOD)
        shares = fitted.probabilities([texts[k] for k in test])
        scores[test] = shares[:, 2] - shares[:, 0]
    yield Measure(
        "VADER gold tweets, three folds",
        "correlation with twenty raters",
        correlation(scores.tolist(), given),
    )


def tickets(folder: Path) -> Iterator[Measure]:
    """The shipped urgency on help-desk mail: a model wrote the mail and its priority."""
    rows = [row for row in table(folder, "urgency/helpdesk_tickets_600_multilang") if row["language"] == "en"]
    if rows:
        told = [enrich(f"{row['subject']}. {row['body']}").urgency for row in rows]
        true = [PRIORITIES[row["priority"]] for row in rows]
        name = f"Help-desk mail in English ({len(rows)})"
        yield Measure(
            name, "urgency: accuracy of the shipped model", accuracy([one.label for one in told], true)
        )
        rank = {Urgency.LOW.value: 0.0, Urgency.NORMAL.value: 1.0, Urgency.HIGH.value: 2.0}
        score = correlation([one.score for one in told], [rank[one] for one in true])
        yield Measure(name, "urgency: correlation of the score", score)
        common = max(true.count(label) for label in set(true)) / len(true)
        yield Measure(name, "urgency: accuracy of always the commonest", common)
    endava = list(table(folder, "urgency/endava_tickets_5k"))[::5]
    if endava:
        scores = [enrich(f"{row['title']}. {row['body']}").urgency.score for row in endava]
        field = correlation(scores, [float(row["urgency"]) for row in endava])
        yield Measure("Endava tickets, every fifth", "urgency: correlation with the field", field)


def left_alone(folder: Path) -> Iterator[Measure]:
    """How many of others' texts, hardly any of which asks for it, are heard as a wish to be left alone."""
    texts = list(_all_texts(folder))
    if texts:
        heard = sum(enrich(text).intent.label == Intent.OPT_OUT for text in texts)
        yield Measure(
            f"{len(texts):,} texts of six sets",
            "heard as opting out, of a thousand",
            1000 * heard / len(texts),
        )


def _all_texts(folder: Path) -> Iterator[str]:
    for name in ("intent/clinc150_train_val", "intent/banking77_train", "sentiment/airline_tweets_first70"):
        yield from (row["text"] for row in table(folder, name))
    yield from (row["text"] for row in table(folder, "sentiment/uci_sentences_amazon_yelp"))
    for dialogue in lines(folder, "conversations/star_first2400"):
        yield from (turn["text"] for turn in dialogue["turns"] if turn["role"] == "user")
    yield from (line["text"] for line in lines(folder, "pii/restaurant8k_train"))


def _fitted(texts: Sequence[str], labels: Sequence[str], names: Sequence[str], recipe: Recipe) -> Fitted:
    return fit(Task(texts, labels, [1.0] * len(texts), texts), labels=list(names), recipe=recipe)


def _mood(rating: float) -> str:
    if abs(rating) <= 0.6:
        return Sentiment.NEUTRAL.value
    return Sentiment.POSITIVE.value if rating > 0 else Sentiment.NEGATIVE.value


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


SETS = (airline, tweets, banking, clinc, bitext, ratings, tickets, left_alone)
