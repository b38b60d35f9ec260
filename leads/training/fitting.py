"""Fitting one linear model: support vectors, pruned to what weighs, sharpened into probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC

from leads.training.vectors import CHARS, Floats, Vocabulary, features_of, kept, vocabulary_of
from leads.understanding.linear import ROUND

LARGEST = 999  # weights become whole numbers up to it


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fit. `most` n-grams are kept, None keeps all; without `topics` only moods stand for words."""

    strength: float = 1.0
    seen: int = 2
    most: int | None = None
    folds: int = 4
    balanced: bool = True
    rounds: int = 4_000
    topics: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """Texts with their labels. Texts of one group (a template, a dialogue) are never judged by each other."""

    texts: Sequence[str]
    labels: Sequence[str]
    weights: Sequence[float]
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model before it becomes whole numbers."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: Floats  # n-grams by labels
    bias: Floats
    sharpness: float

    def margins(self, features: Sequence[Sequence[str]]) -> Floats:
        """One for each text and label."""
        return np.asarray(self.vocabulary.rows(features) @ self.weights + self.bias)

    def predicted(self, texts: Sequence[str]) -> list[str]:
        """The likeliest label of each text."""
        return [self.labels[k] for k in self.margins([features_of(text) for text in texts]).argmax(axis=1)]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """For each text, one for each label."""
        margins = self.margins([features_of(text) for text in texts])
        return np.asarray(np.exp(log_softmax(margins * self.sharpness, axis=1)))


def fit(task: Task, *, labels: Sequence[str], recipe: Recipe, seed: int = 0) -> Fitted:
    """The model for a task. Same task, recipe and seed: same model."""
    features = [features_of(text, topics=recipe.topics) for text in task.texts]
    codes = np.array([labels.index(label) for label in task.labels])
    weights = np.array(task.weights, dtype=np.float64)
    fitted = _fit(features, codes, weights, labels, recipe, seed)
    if recipe.folds < 2:
        return fitted
    held_back = np.zeros((len(codes), len(labels)))
    groups = np.unique(np.array(task.groups), return_inverse=True)[1]
    for train, test in GroupKFold(n_splits=recipe.folds).split(codes, groups=groups):
        part = _fit([features[k] for k in train], codes[train], weights[train], labels, recipe, seed)
        held_back[test] = part.margins([features[k] for k in test])
    return Fitted(
        fitted.labels, fitted.vocabulary, fitted.weights, fitted.bias, sharpest(held_back, codes, weights)
    )


def _fit(
    features: Sequence[Sequence[str]],
    codes: NDArray[np.int64],
    weights: Floats,
    labels: Sequence[str],
    recipe: Recipe,
    seed: int,
) -> Fitted:
    vocabulary = vocabulary_of(features, seen=recipe.seen)
    coefficients, bias = _separated(vocabulary.rows(features), codes, weights, len(labels), recipe, seed)
    if recipe.most is not None and len(vocabulary.columns) > recipe.most:
        pull = coefficients.std(axis=1) * vocabulary.rarity
        vocabulary = kept(vocabulary, np.argsort(-pull, kind="stable")[: recipe.most])
        coefficients, bias = _separated(vocabulary.rows(features), codes, weights, len(labels), recipe, seed)
    return Fitted(tuple(labels), vocabulary, coefficients, bias, 1.0)


def _separated(
    rows: Any, codes: NDArray[np.int64], weights: Floats, labels: int, recipe: Recipe, seed: int
) -> tuple[Floats, Floats]:
    """Coefficients (n-grams by labels) and bias; a label that no text has gets none."""
    balance = "balanced" if recipe.balanced else None
    model = LinearSVC(C=recipe.strength, class_weight=balance, random_state=seed, max_iter=recipe.rounds)
    model.fit(rows, codes, sample_weight=weights)
    coefficients, bias = np.zeros((rows.shape[1], labels)), np.full(labels, -2.0)
    if len(model.classes_) == 2:
        low, high = model.classes_
        coefficients[:, high], bias[high] = model.coef_[0], model.intercept_[0]
        coefficients[:, low], bias[low] = -model.coef_[0], -model.intercept_[0]
    else:
        coefficients[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return coefficients, bias


def sharpest(margins: Floats, codes: NDArray[np.int64], weights: Floats) -> float:
    """The factor that makes probabilities of margins fit best where they were not learned."""

    def loss(sharpness: float) -> float:
        likely = log_softmax(margins * sharpness, axis=1)[np.arange(len(codes)), codes]
        return float(-(weights * likely).sum())

    return round(float(minimize_scalar(loss, bounds=(0.2, 20.0), method="bounded").x), 4)


def document_of(fitted: Fitted) -> dict[str, Any]:
    """The JSON form: weights by rarity, as whole numbers."""
    # what all labels share decides nothing: without it, a weight says how a word speaks for its label
    pulls = (fitted.weights - fitted.weights.mean(axis=1, keepdims=True)) * fitted.vocabulary.rarity[:, None]
    scale = float(np.abs(pulls).max()) / LARGEST or 1.0
    whole = np.rint(pulls / scale).astype(int)
    lengths = np.rint(fitted.vocabulary.rarity**2 * ROUND).astype(int)
    tables: dict[str, dict[str, list[int]]] = {"words": {}, "chars": {}}
    for gram, place in fitted.vocabulary.columns.items():
        kind, name = ("chars", gram[1:]) if gram.startswith(CHARS) else ("words", gram)
        tables[kind][name] = [*whole[place].tolist(), int(lengths[place])]
    return {
        "labels": list(fitted.labels),
        "bias": [round(float(each), 6) for each in fitted.bias - fitted.bias.mean()],
        "scale": float(f"{scale:.9g}"),
        "sharpness": fitted.sharpness,
        **tables,
    }
