"""A message as words: each in the form the models know, with its place in the text."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from leads.understanding.lists import listed

EXPANDED: dict[str, str] = listed("spellings")["contractions"]
SHORTHAND = {short: tuple(full.split()) for short, full in listed("spellings")["shorthand"].items()}
LONGEST = 6_000  # characters that are read; what a person wants stands at the beginning, or at the end
TOKEN = re.compile(
    r"\[[A-Z_]{2,16}\]"  # a placeholder of redaction
    r"|[:;=8xX]['\u2019]?-?[)(DPp/\\|](?![^\W_])|<3|</3"  # an emoticon
    r"|[^\W\d_]+(?:['\u2019`\u00b4][^\W\d_]+)*"
    r"|\d+(?:[.,:/-]\d+)*"
    r"|[\U0001f1e6-\U0001faff\u2600-\u27bf\u2b50\u2b55\u203c\u2049]"
    r"|[!?]+|[$€£¥%;.,\n]|…"
)
STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
QUOTED = re.compile(r"^[ \t]*>.*$|^On [^\n]{4,120}wrote:[ \t]*$", re.MULTILINE)
CLAUSE_ENDS = frozenset(".,;\n…!?") | {"but", "except", "although", "though"}
NEGATORS = frozenset(
    ["not", "no", "never", "without", "none", "nobody", "nothing", "neither", "nor", "hardly"]
)
NEGATED_WORDS = 4
STRETCH_MARK, LOUD_MARK = "~stretched", "~loud"


@dataclass(frozen=True, slots=True)
class Word:
    """`form` is what the models know: small letters, no accents, contractions spelled out."""

    form: str
    start: int
    end: int
    negated: bool = False

    @property
    def is_letters(self) -> bool:
        """A word proper: no mark, number, emoji or placeholder."""
        return self.form[0].isalpha()


def words_of(text: str) -> list[Word]:
    """The words of `text` in order, without quoted mail; at most LONGEST characters are looked at."""
    words: list[Word] = []
    left = 0  # how many words still stand under a negation
    for form, start, end in _forms(text):
        if form in CLAUSE_ENDS or form[0] in CLAUSE_ENDS:
            left = 0
        words.append(Word(form, start, end, left > 0 and form not in NEGATORS))
        left = NEGATED_WORDS if form in NEGATORS else left - 1
    return words


def _forms(text: str) -> Iterator[tuple[str, int, int]]:
    for found in TOKEN.finditer(_read(text)):
        token, start, end = found[0], found.start(), found.end()
        if token[0] == "[":
            yield token.lower(), start, end
        elif token[0].isalpha():
            for form in _spelled(token):
                yield form, start, end
        elif token[0].isdigit():
            yield "0" * min(len(token), 4), start, end
        elif token[0] in "!?":
            yield _marks(token), start, end
        else:
            yield token, start, end


def _read(text: str) -> str:
    """What is looked at, every character in its old place."""
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = text[:half] + " " * (len(text) - LONGEST) + text[-half:]
    if ">" in text or "wrote:" in text:
        text = QUOTED.sub(lambda line: " " * len(line[0]), text)
    return text


def _spelled(token: str) -> tuple[str, ...]:
    plain = token.lower() if token.isascii() else _folded(token)
    known = SHORTHAND.get(plain)
    if known is not None:
        return known
    forms = [plain]
    if "'" in plain:
        forms = _uncontracted(plain)
    if len(plain) > 3 and STRETCHED.search(plain):
        forms = [STRETCHED.sub(r"\1\1", form) for form in forms]
        forms.append(STRETCH_MARK)
    if len(token) > 3 and token.isupper():
        forms.append(LOUD_MARK)
    return tuple(form for form in forms if form)


def _folded(token: str) -> str:
    parts = unicodedata.normalize("NFKD", token.casefold())
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return plain.replace("\u2019", "'").replace("`", "'").replace("\u00b4", "'") or token


def _uncontracted(plain: str) -> list[str]:
    stem, _, ending = plain.rpartition("'")
    if ending == "t" and stem.endswith("n"):
        stem = {"can": "can", "won": "will", "shan": "shall"}.get(stem, stem[:-1])
        return [stem, "not"]
    return [stem.replace("'", ""), EXPANDED.get(ending, ending)]


def _marks(token: str) -> str:
    kind = "!?" if "!" in token and "?" in token else token[0]
    return kind if len(token) == 1 else f"{kind}{kind}"
