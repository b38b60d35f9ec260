# ruff: noqa: RUF001 - look-alike characters are what this file is about
"""The working copy that recognizers read: plain Latin letters and digits, a byte each, with a map back.

Full-width and foreign digits, look-alike separators, accents, Cyrillic and Greek letters, zero-width
characters, percent, HTML and JSON escapes are folded away here, so that no recognizer has to know them.
"""

import html
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from privacy.kinds import PLACEHOLDERS
from privacy.patterns import Match, pattern

# Our own placeholders become BARRIERs. Nothing that a recognizer looks for contains one.
PLACEHOLDER = pattern(b"|".join(rb"\[" + name[1:-1].encode() + rb"\]" for name in sorted(PLACEHOLDERS)))
BARRIER = b"\x1f"
OTHER_LETTER, OTHER_SYMBOL = "\xaa", "\xa4"
ESCAPE = pattern(
    rb"%[0-9A-Fa-f]{2}(?:%[89ABab][0-9A-Fa-f])*"
    rb"|&#[0-9]{1,7};|&#[xX][0-9A-Fa-f]{1,6};|&[A-Za-z]{2,8};"
    rb"|\\u[0-9A-Fa-f]{4}(?:\\u[dD][c-fC-F][0-9A-Fa-f]{2})?|\\x[0-9A-Fa-f]{2}|\\[nrtbf\"'/\\]"
)
ROUNDS = 3  # text can be encoded more than once
SHORT_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "\\b": " ", "\\f": " "}

DASHES = "‐‑‒–—―−﹘﹣－⁃֊־ー"
DOTS = "․·‧∙⋅•。｡．・﹒"
QUOTES = "‘’‚‛′ʼ＇`´"
DOUBLE_QUOTES = "“”„‟″«»＂"
LETTERS = dict(
    zip(
        "абвгдезийклмнопрстуфыэіїєґљњђћџјё" + "αβγδεζηικλμνξοπρστυφω" + "ςøłđðıŋħŧſ",
        "abvgdezijklmnoprstufyeiieglndcdje" + "abgdeziiklmnxoprstyfo" + "solddinhts",
        strict=True,
    )
)
LONG_LETTERS = {
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ъ": "", "ь": "",
    "θ": "th", "χ": "ch", "ψ": "ps", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th",
}  # fmt: skip


class Copy(NamedTuple):
    """`data` is the folded text; byte i stands for `starts[i]` to `ends[i]` of it (None: i to i + 1)."""

    data: bytes
    starts: list[int] | None = None
    ends: list[int] | None = None

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the text of the bytes start to end of the copy."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> Copy:
    """Fold a text. Linear in its length; plain ASCII without escapes costs one copy."""
    data = text.encode("ascii") if text.isascii() else _folded(text)
    if data is None or b"%" in data or b"&" in data or b"\\" in data:
        return _decoded(text)
    return Copy(_barred(data))


def _folded(text: str) -> bytes | None:
    """Each character folded to one byte; None when some fold to none or to more."""
    folds = {ord(character): fold(character) for character in set(text)}
    if any(len(folded) != 1 for folded in folds.values()):
        return None
    return text.translate(folds).encode("latin-1")


@lru_cache(maxsize=8192)
def fold(character: str) -> str:
    """What stands for one character in the copy: nothing, one character or two, all Latin-1."""
    if character.isascii():
        return " " if character == "\x1f" else character
    for marks, plain in ((DASHES, "-"), (DOTS, "."), (QUOTES, "'"), (DOUBLE_QUOTES, '"')):
        if character in marks:
            return plain
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category[0] == "Z":
        return "\n" if category in ("Zl", "Zp") else " "
    return _letter(character) if category[0] == "L" else _symbol(character)


def _letter(character: str) -> str:
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    small = base.lower()
    plain = "".join(c if c.isascii() else LETTERS.get(c, LONG_LETTERS.get(c, OTHER_LETTER)) for c in small)
    return (
        plain.upper() if base != small and len(plain) == 1 else plain.capitalize() if base != small else plain
    )


def _symbol(character: str) -> str:
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if compatible.isascii() and compatible != "\x1f" else OTHER_SYMBOL


def _decoded(text: str) -> Copy:
    """The general case: characters, each with the stretch of text it stands for, decoded round by round."""
    characters, starts, ends = list(text), list(range(len(text))), list(range(1, len(text) + 1))
    for _ in range(ROUNDS):
        found = list(ESCAPE.finditer("".join(c if c.isascii() else "?" for c in characters).encode("ascii")))
        if not found:
            break
        characters, starts, ends = _unescape(found, characters, starts, ends)
    data: list[str] = []
    begins: list[int] = []
    stops: list[int] = []
    for character, start, end in zip(characters, starts, ends, strict=True):
        folded = fold(character)
        data.append(folded)
        begins.extend([start] * len(folded))
        stops.extend([end] * len(folded))
    return Copy(_barred("".join(data).encode("latin-1")), begins, stops)


def _unescape(
    escapes: list[Match], characters: list[str], starts: list[int], ends: list[int]
) -> tuple[list[str], list[int], list[int]]:
    out: list[str] = []
    begins: list[int] = []
    stops: list[int] = []
    at = 0
    for escape in escapes:
        first, last = escape.span()
        out += characters[at:first]
        begins += starts[at:first]
        stops += ends[at:first]
        plain = _meaning("".join(characters[first:last]))
        out += plain
        begins += [starts[first]] * len(plain)
        stops += [ends[last - 1]] * len(plain)
        at = last
    return out + characters[at:], begins + starts[at:], stops + ends[at:]


def _meaning(escape: str) -> str:
    """The text an escape stands for; itself when it stands for nothing."""
    if escape[0] == "%":
        return bytes.fromhex(escape.replace("%", "")).decode("utf-8", errors="replace")
    if escape[0] == "&":
        return html.unescape(escape)
    if escape[1] in "ux":
        units = bytes.fromhex(
            "".join(part.rjust(4, "0") for part in escape.replace("x", "u").split("\\u")[1:])
        )
        return units.decode("utf-16-be", errors="replace")
    return SHORT_ESCAPES.get(escape, escape[1])


def _barred(data: bytes) -> bytes:
    """Our own placeholders become barriers of the same length, with a blank at either end."""
    if b"[" not in data:
        return data.replace(BARRIER, b" ")
    pieces, at = [], 0
    for match in PLACEHOLDER.finditer(data):
        start, end = match.span()
        pieces += [data[at:start].replace(BARRIER, b" "), b" " + BARRIER * (end - start - 2) + b" "]
        at = end
    return b"".join([*pieces, data[at:].replace(BARRIER, b" ")])
