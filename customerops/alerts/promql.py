"""As much of PromQL as our rules and dashboards use: what an expression names, and where its parts stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Longest first: `>=` is one token, `[5m]` is one, a brace belongs to the selector before it.
TOKEN = re.compile(
    r"""
      (?P<space>\s+|\#[^\n]*)
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<window>\[[^\]]+\])
    | (?P<matchers>\{(?:[^{}"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*\})
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![a-zA-Z_:0-9]))
    | (?P<duration>\d+(?:ms|[smhdwy])(?:\d+(?:ms|[smhdwy]))*)
    | (?P<name>[a-zA-Z_:$][a-zA-Z0-9_:$]*)
    | (?P<operator>==|!=|>=|<=|=~|!~|[-+*/%^<>=(),@])
    """,
    re.VERBOSE,
)
MATCHER = re.compile(r"""\s*(\w+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,?""")
SET_OPERATORS = {"and", "or", "unless"}
GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
KEYWORDS = SET_OPERATORS | GROUPING | {"bool", "offset", "inf", "nan", "start", "end", "atan2"}


class PromQLError(ValueError):
    """The text is no expression we can read."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression and where it stands; `depth` counts the parentheses around it."""

    kind: str
    text: str
    start: int
    end: int
    depth: int


@dataclass(frozen=True, slots=True)
class Matcher:
    """`label op "value"`."""

    label: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    """A series an expression reads; `function` is the innermost one around it, `ranged` tells of a window."""

    metric: str
    matchers: tuple[Matcher, ...]
    function: str
    ranged: bool


def tokens(expr: str) -> list[Token]:
    """The words of an expression, without spaces and comments. Raises PromQLError."""
    found, at, depth = [], 0, 0
    while at < len(expr):
        match = TOKEN.match(expr, at)
        if match is None:
            raise PromQLError(f"cannot read {expr[at : at + 20]!r}")
        kind, text = str(match.lastgroup), match[0]
        depth -= text == ")"
        if kind != "space":
            found.append(Token(kind, text, match.start(), match.end(), depth))
        depth += text == "("
        at = match.end()
    if depth:
        raise PromQLError("parentheses do not match")
    return found


def selectors(expr: str) -> list[Selector]:
    """Every series the expression reads, in its order."""
    words = tokens(expr)
    return [
        Selector(
            metric=words[at].text,
            matchers=_matchers(words, at + 1),
            function=_function_around(words, at),
            ranged=_is_ranged(words, at + 1),
        )
        for at in _metrics(words)
    ]


def _metrics(words: list[Token]) -> Iterator[int]:
    at = 0
    while at < len(words):
        word = words[at]
        opens = at + 1 < len(words) and words[at + 1].text == "("
        if word.text in GROUPING and opens:
            at = closing(words, at + 1)
        elif word.kind == "name" and not opens and not _is_syntax(words, at):
            yield at
        at += 1


def _is_syntax(words: list[Token], at: int) -> bool:
    """A keyword, or the `sum` of `sum by (…) (…)`."""
    groups = at + 1 < len(words) and words[at + 1].text in ("by", "without")
    return groups or words[at].text.lower() in KEYWORDS


def closing(words: list[Token], opening: int) -> int:
    """Where the parenthesis that opens at `opening` ends."""
    depth = words[opening].depth
    return next(
        at for at in range(opening + 1, len(words)) if words[at].text == ")" and words[at].depth == depth
    )


def _is_ranged(words: list[Token], at: int) -> bool:
    kinds = [word.kind for word in words[at : at + 2]]
    return kinds[:1] == ["window"] or kinds == ["matchers", "window"]


def _matchers(words: list[Token], at: int) -> tuple[Matcher, ...]:
    if at >= len(words) or words[at].kind != "matchers":
        return ()
    return tuple(
        Matcher(label, op, value[1:-1]) for label, op, value in MATCHER.findall(words[at].text[1:-1])
    )


def _function_around(words: list[Token], at: int) -> str:
    depth = words[at].depth
    for earlier in range(at - 1, -1, -1):
        word = words[earlier]
        if word.text == "(" and word.depth < depth:
            depth = word.depth
            if name := _function_before(words, earlier):
                return name
    return ""


def _function_before(words: list[Token], opening: int) -> str:
    """The function whose arguments open here; the `sum` of `sum by (…) (` too."""
    before = opening - 1
    if before > 0 and words[before].text == ")":
        before = _opening(words, before) - 1
        if before < 1 or words[before].text not in ("by", "without"):
            return ""
        before -= 1
    word = words[before] if before >= 0 else None
    return word.text if word is not None and word.kind == "name" and word.text not in KEYWORDS else ""


def _opening(words: list[Token], end: int) -> int:
    depth = words[end].depth
    return next(at for at in range(end - 1, -1, -1) if words[at].text == "(" and words[at].depth == depth)
