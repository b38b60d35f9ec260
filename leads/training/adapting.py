"""Learning from corrections: the shipped weights are the prior, corrections pull on them (MAP estimation).

A label's margin becomes (w + d) x + b + c; d and c minimise the log loss of corrections, and of our own texts
so that nothing else is forgotten, with a penalty on their squares. Without corrections nothing moves.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import log_softmax

from leads.training.examples import Example
from leads.training.vectors import CHARS, Floats, Vocabulary, features_of
from leads.understanding.linear import LARGEST_WEIGHT, ROUND

PENALTY = 2.0
REHEARSED = 1.0  # what one of our own texts weighs beside a correction
FEWEST_PEOPLE = 2  # who must have used a word before the model may know it: one person's words stay theirs
NEW_RARITY = 1.0  # of a new word: it hardly lengthens a message, so that what was known keeps its weight


@dataclass(frozen=True, slots=True)
class Prior:
    """A part of a document as numbers: known n-grams, and new ones that weigh nothing yet."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: Floats
    bias: Floats
    sharpness: float


def adapted_part(
    part: Mapping[str, Any],
    corrections: Sequence[Example],
    own: Sequence[Example],
    *,
    task: str,
    step: float,
    read: Callable[[str], list[str]] = features_of,
) -> dict[str, Any]:
    """A task's part of a document, moved a `step` (0 to 1) of the way that corrections pull it.

    `read` gives the n-grams of a text; whoever calls often remembers them.
    """
    said = [example for example in corrections if example.label(task)]
    if not said:
        return dict(part)
    known = [example for example in own if example.label(task)]
    features = [read(example.text) for example in (*said, *known)]
    prior = _prior(part, _shared_words(said, features))
    rows = prior.vocabulary.rows(features)
    codes = np.array([prior.labels.index(str(example.label(task))) for example in (*said, *known)])
    weights = np.array([1.0] * len(said) + [REHEARSED] * len(known))
    touched = np.unique(rows[: len(said)].indices)
    moved, shift = _pulled(rows, rows[:, touched], codes, weights, prior)
    prior.weights[touched] += step * moved
    return _document(part, prior, prior.bias + step * shift, touched)


def _shared_words(said: Sequence[Example], features: Sequence[Sequence[str]]) -> list[str]:
    people: dict[str, set[str]] = defaultdict(set)
    for example, grams in zip(said, features, strict=False):
        for gram in grams:
            if not gram.startswith(CHARS):
                people[gram].add(example.group)
    return sorted(gram for gram, groups in people.items() if len(groups) >= FEWEST_PEOPLE)


def _prior(part: Mapping[str, Any], new: Sequence[str]) -> Prior:
    rows = dict(part["words"]) | {f"{CHARS}{gram}": row for gram, row in part["chars"].items()}
    nothing = [*[0] * len(part["labels"]), round(NEW_RARITY**2 * ROUND)]
    rows = dict.fromkeys(new, nothing) | rows
    table = np.array(list(rows.values()), dtype=np.float64)
    rarity = np.sqrt(table[:, -1] / ROUND)
    weights = table[:, :-1] * part["scale"] / rarity[:, None]
    columns = {gram: k for k, gram in enumerate(rows)}
    return Prior(
        tuple(part["labels"]), Vocabulary(columns, rarity), weights, np.array(part["bias"]), part["sharpness"]
    )


def _pulled(
    rows: csr_matrix, touched: csr_matrix, codes: NDArray[np.int64], weights: Floats, prior: Prior
) -> tuple[Floats, Floats]:
    """How far the weights of the touched n-grams, and the bias, move."""
    margins = np.asarray(rows @ prior.weights + prior.bias)
    size, labels = touched.shape[1], len(prior.labels)
    true = np.zeros_like(margins)
    true[np.arange(len(codes)), codes] = 1.0

    def loss(flat: Floats) -> tuple[float, Floats]:
        moves = flat.reshape(size + 1, labels)
        likely = log_softmax(prior.sharpness * (margins + touched @ moves[:-1] + moves[-1]), axis=1)
        slope = prior.sharpness * weights[:, None] * (np.exp(likely) - true)
        whole = -(weights @ (likely * true).sum(axis=1)) + PENALTY / 2 * float(flat @ flat)
        return float(whole), np.vstack([touched.T @ slope, slope.sum(axis=0)]).ravel() + PENALTY * flat

    found = minimize(
        loss, np.zeros((size + 1) * labels), jac=True, method="L-BFGS-B", options={"maxiter": 200}
    )
    moves = found.x.reshape(size + 1, labels)
    return moves[:-1], moves[-1]


def _document(
    part: Mapping[str, Any], prior: Prior, bias: Floats, touched: NDArray[np.int32]
) -> dict[str, Any]:
    tables: dict[str, dict[str, list[int]]] = {"words": dict(part["words"]), "chars": dict(part["chars"])}
    grams = list(prior.vocabulary.columns)
    pulls = prior.weights * prior.vocabulary.rarity[:, None]
    centred = pulls - pulls.mean(axis=1, keepdims=True)
    whole = np.clip(np.rint(centred / part["scale"]), -LARGEST_WEIGHT, LARGEST_WEIGHT).astype(int)
    lengths = np.rint(prior.vocabulary.rarity**2 * ROUND).astype(int)
    for place in touched:
        gram = grams[place]
        kind, name = ("chars", gram[1:]) if gram.startswith(CHARS) else ("words", gram)
        tables[kind][name] = [*whole[place].tolist(), int(lengths[place])]
    return {**part, **tables, "bias": [round(float(each), 6) for each in bias - bias.mean()]}
