"""What keeps a template from being sent, in sentences that show the fix."""

from collections.abc import Iterable, Iterator

from django.template import TemplateSyntaxError
from django.template.base import FilterExpression, Lexer, Node, TokenType, VariableNode
from django.template.defaulttags import IfNode

from followups.templating import wording
from followups.templating.filters import FILTERS
from followups.templating.language import ALWAYS, asked, compiled
from followups.templating.truths import Set, certain

NONE: Set = frozenset()


def faults(source: str) -> list[str]:
    """Sentences for whoever wrote it; none when it can be sent to every lead."""
    try:
        template = compiled(source)
    except TemplateSyntaxError as error:
        return [wording.syntax(error)]
    found = [*template.faults, *_unclosed(source)]
    return list(dict.fromkeys(found or _holes(template.nodelist, NONE)))


def _unclosed(source: str) -> Iterator[str]:
    """Braces that would be sent as they are."""
    for token in Lexer(source).tokenize():
        if token.token_type != TokenType.TEXT:
            continue
        for mark, right in wording.BRACES.items():
            before, found, _ = token.contents.partition(mark)
            if found:
                line = (token.lineno or 1) + before.count("\n")
                yield f"line {line}: {mark} stands alone; write {right} in one line"
                break


def _holes(nodes: Iterable[Node], sure: Set) -> Iterator[str]:
    """Variables that would leave a hole in the message of some lead."""
    for node in nodes:
        if isinstance(node, IfNode):
            yield from _in_branches(node, sure)
        elif isinstance(node, VariableNode) and (name := _hole(node.filter_expression, sure)):
            yield wording.hole(name, node)


def _in_branches(node: IfNode, sure: Set) -> Iterator[str]:
    for condition, nodes in node.conditions_nodelists:
        when, otherwise = certain(condition) if condition is not None else (NONE, NONE)
        yield from _holes(nodes, sure | when)
        sure = sure | otherwise


def _hole(expression: FilterExpression, sure: Set) -> str:
    name = asked(expression)
    fills = {each.apply for each in FILTERS.values() if each.fills}
    filled = any(apply in fills for apply, _ in expression.filters)
    return "" if filled or name in ALWAYS or name in sure else name
