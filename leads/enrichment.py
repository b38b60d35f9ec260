"""What a message tells: intent, sentiment and urgency, each with its confidence and the words that decided.

Pure and quick: three linear models of n-grams (docs/enrichment.md), and rules for who wants to be left alone.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from leads.signals import Enrichment, Intent, Judgement, Sentiment, Urgency
from leads.understanding import languages
from leads.understanding.artifact import Models, load
from leads.understanding.grams import grams_of
from leads.understanding.linear import Linear, Reading, most_likely
from leads.understanding.optout import SENTENCE_ENDS, OptOut, opt_out_of
from leads.understanding.words import Word, words_of

SHIPPED = Path(__file__).parent / "understanding" / "shipped.json"
WITHHELD = "[withheld]"
MOST_WORDS = 4  # that are told
UNSURE = 0.25  # below it an intent is a guess, and is called other
ABROAD = 0.2  # how sure we are of anything in a language the models do not know
ABROAD_CLEAR = 0.5
NEUTRAL = Judgement(Sentiment.NEUTRAL.value, 0.0, 0.0)
NORMAL = Judgement(Urgency.NORMAL.value, 0.5, 0.0)
NOTHING = Judgement(Intent.OTHER.value, 0.0, 0.0)


@cache
def shipped() -> Models:
    """The models of this release. Raises ModelError when the file is not what it was when it was trained."""
    return load(SHIPPED.read_bytes(), shipped_digest())


@cache
def shipped_digest() -> str:
    """What their file must hash to."""
    return SHIPPED.with_suffix(".sha256").read_text(encoding="ascii").strip()


def enrich(text: str, *, models: Models | None = None) -> Enrichment:
    """What `text`, already redacted, tells by `models` (else by those of this release)."""
    models = models or shipped()
    words = words_of(text)
    if all(word.form in SENTENCE_ENDS for word in words) or any(word.form == WITHHELD for word in words):
        return Enrichment(NOTHING, NEUTRAL, NORMAL, models.version)
    grams = grams_of(words)
    foreign = languages.is_foreign(words)
    opt_out = opt_out_of(words)
    return Enrichment(
        intent=_intent(text, words, models.intent.read(grams), opt_out=opt_out, foreign=foreign),
        sentiment=_sentiment(text, words, models.sentiment.read(grams), foreign=foreign),
        urgency=_urgency(text, words, models.urgency.read(grams), foreign=foreign),
        version=models.version,
    )


def _intent(
    text: str, words: Sequence[Word], reading: Reading, *, opt_out: OptOut | None, foreign: bool
) -> Judgement:
    if opt_out is not None:
        said = _said(text, words, sorted(opt_out.words), most=len(opt_out.words))
        return Judgement(Intent.OPT_OUT.value, opt_out.confidence, opt_out.confidence, said)
    if foreign:
        intent, places = languages.foreign_intent(words)
        sure = ABROAD_CLEAR if places else ABROAD
        return Judgement(intent.value, sure, sure, _said(text, words, places))
    labels, shares = reading.model.labels, reading.probabilities()
    shares[labels.index(Intent.OPT_OUT.value)] = 0.0  # rules decide that
    column = most_likely(shares)
    confidence = _share(shares[column], sum(shares))
    if confidence < UNSURE:
        return Judgement(Intent.OTHER.value, confidence, confidence)
    return Judgement(labels[column], confidence, confidence, _said(text, words, reading.spoke_for(column)))


def _sentiment(text: str, words: Sequence[Word], reading: Reading, *, foreign: bool) -> Judgement:
    shares = reading.probabilities()
    column = most_likely(shares)
    score = (
        shares[_column(reading.model, Sentiment.POSITIVE)]
        - shares[_column(reading.model, Sentiment.NEGATIVE)]
    )
    if foreign and not any(_is_emoji(word) for word in words):
        return Judgement(Sentiment.NEUTRAL.value, 0.0, ABROAD)
    label = reading.model.labels[column]
    told = () if label == Sentiment.NEUTRAL else _said(text, words, reading.spoke_for(column))
    return Judgement(label, round(score, 4), _share(shares[column], 1.0), told)


def _urgency(text: str, words: Sequence[Word], reading: Reading, *, foreign: bool) -> Judgement:
    if foreign:
        places = languages.foreign_urgency(words)
        told = _said(text, words, places)
        return Judgement(Urgency.HIGH.value, 0.8, ABROAD_CLEAR, told) if places else NORMAL
    shares = reading.probabilities()
    column = most_likely(shares)
    score = shares[_column(reading.model, Urgency.HIGH)] + shares[_column(reading.model, Urgency.NORMAL)] / 2
    label = reading.model.labels[column]
    told = () if label == Urgency.NORMAL else _said(text, words, reading.spoke_for(column))
    return Judgement(label, round(score, 4), _share(shares[column], 1.0), told)


def _column(model: Linear, label: str) -> int:
    return model.labels.index(label)


def _share(part: float, whole: float) -> float:
    return round(min(1.0, part / whole), 4) if whole > 0 else 0.0


def _is_emoji(word: Word) -> bool:
    return not word.form[0].isalnum() and word.form[0] not in "[.,;!?~\n…$€£¥%"


def _said(
    text: str, words: Sequence[Word], places: Iterable[int], *, most: int = MOST_WORDS
) -> tuple[str, ...]:
    """The words as they stand in the text, each once; marks and placeholders are not worth telling."""
    told: dict[str, None] = {}
    for place in places:
        word = words[place]
        if word.is_letters or word.form[0].isdigit() or _is_emoji(word) or word.form[0] in "!?":
            told.setdefault(text[word.start : word.end])
        if len(told) == most:
            break
    return tuple(told)
