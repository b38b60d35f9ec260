"""Which variables are certainly not empty once a condition of an `if` is known to hold, or not to."""

from typing import Any

from django.template.base import FilterExpression, Variable

from followups.templating.language import asked, is_constant

Set = frozenset[str]
_NONE: Set = frozenset()


def certain(condition: Any) -> tuple[Set, Set]:
    """Of a node of Django's parser of conditions: what is there when it holds, and when it does not."""
    match condition.id:
        case "and":
            (left, not_left), (right, not_right) = certain(condition.first), certain(condition.second)
            return left | right, not_left & not_right
        case "or":
            (left, not_left), (right, not_right) = certain(condition.first), certain(condition.second)
            return left & right, not_left | not_right
        case "not":
            when, otherwise = certain(condition.first)
            return otherwise, when
        case "==" | "!=" | "<" | "<=" | ">" | ">=":
            return _compared(condition)
        case "literal":
            name = _name(condition)
            return (frozenset({name}) if name else _NONE), _NONE
    return _NONE, _NONE


def _compared(condition: Any) -> tuple[Set, Set]:
    """With something that is not empty; nothing that is empty is greater or smaller than a number."""
    name = _name(condition.first) or _name(condition.second)
    against = [_constant(side) for side in (condition.first, condition.second) if not _name(side)]
    if not name or len(against) != 1 or against[0] is None:
        return _NONE, _NONE
    [value] = against
    is_number = isinstance(value, int | float)
    there = frozenset({name})
    if condition.id == "==":
        return (there, _NONE) if value != "" else (_NONE, there)
    if condition.id == "!=":
        return (_NONE, there) if value != "" else (there, _NONE)
    return (there, _NONE) if is_number else (_NONE, _NONE)


def _name(side: Any) -> str:
    expression = _expression(side)
    return asked(expression) if expression is not None and not expression.filters else ""


def _constant(side: Any) -> Any:
    """None: it is no constant, or one that says nothing."""
    expression = _expression(side)
    if expression is None or expression.filters or not is_constant(expression.var):
        return None
    return expression.var.literal if isinstance(expression.var, Variable) else expression.var


def _expression(side: Any) -> FilterExpression | None:
    value = getattr(side, "value", None)
    return value if isinstance(value, FilterExpression) else None
