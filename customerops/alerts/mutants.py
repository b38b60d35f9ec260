"""A rule with one thing wrong, over and over: the tests of the rules have to notice every one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from customerops.alerts import durations, promql
from customerops.alerts.promql import Token
from customerops.alerts.rules import Rule

FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "!=", "!=": "=="}
NO_WAIT = "5m"  # what a rule that does not wait is made to wait


@dataclass(frozen=True, slots=True)
class Mutant:
    """The rule as it should not be, and what was done to it."""

    change: str
    rule: Rule


def mutants(rule: Rule) -> Iterator[Mutant]:
    """Thresholds halved and doubled, comparators flipped, guards dropped, windows and `for` changed."""
    for change, expr in _exprs(rule.expr):
        yield Mutant(change, replace(rule, expr=expr))
    waits = [durations.times(rule.wait, 0.5), durations.times(rule.wait, 2), "0s"]
    for wait in waits if durations.seconds(rule.wait) else [NO_WAIT]:
        yield Mutant(f"for {rule.wait} -> {wait}", replace(rule, wait=wait))


def _exprs(expr: str) -> Iterator[tuple[str, str]]:
    words = promql.tokens(expr)
    for at, word in enumerate(words):
        if word.kind == "number":
            yield from _each(expr, word, _numbers(word.text))
        elif word.kind == "window":
            yield from _each(
                expr, word, [f"[{durations.times(word.text[1:-1], factor)}]" for factor in (0.5, 2)]
            )
        elif word.text in FLIPPED:
            yield from _each(expr, word, [FLIPPED[word.text]])
        elif word.kind == "matchers":
            yield from _each(expr, word, _without_one(word.text))
        elif word.text in promql.SET_OPERATORS:
            yield from _guards(expr, words, at)


def _each(expr: str, word: Token, others: list[str]) -> Iterator[tuple[str, str]]:
    for other in others:
        where = f"at {word.start}"
        yield f"{word.text} -> {other or 'nothing'} {where}", expr[: word.start] + other + expr[word.end :]


def _numbers(text: str) -> list[str]:
    number = float(text)
    return [f"{number * factor:g}" for factor in (0.5, 2)] if number else ["1"]


def _without_one(text: str) -> list[str]:
    parts = [f"{label}{op}{value}" for label, op, value in promql.MATCHER.findall(text[1:-1])]
    return ["{" + ",".join(parts[:at] + parts[at + 1 :]) + "}" for at in range(len(parts))]


def _guards(expr: str, words: list[Token], at: int) -> Iterator[tuple[str, str]]:
    """Without what stands left of a set operator, and without what stands right of it."""
    word = words[at]
    behind = at + 1
    if words[behind].text in ("on", "ignoring"):
        behind = promql.closing(words, behind + 1) + 1
    begin, end = _left_end(words, at), _right_end(words, behind, len(expr))
    yield f"{word.text} at {word.start}: left alone", expr[: word.start] + expr[end:]
    yield f"{word.text} at {word.start}: right alone", f"{expr[:begin]} {expr[words[behind].start :]}"


def _left_end(words: list[Token], at: int) -> int:
    """Where the left operand begins: behind the parenthesis or set operator before it."""
    for word in reversed(words[:at]):
        if word.depth < words[at].depth:
            return word.end
        if word.depth == words[at].depth and word.text in promql.SET_OPERATORS:
            return word.end
    return 0


def _right_end(words: list[Token], behind: int, length: int) -> int:
    depth = words[behind - 1].depth
    for word in words[behind:]:
        if word.depth < depth or (word.depth == depth and word.text in promql.SET_OPERATORS):
            return word.start
    return length
