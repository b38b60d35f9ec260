"""The language of messages: text, variables with filters, and `if`. Compiling refuses everything else."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.base import FilterExpression, Lexer, Parser, Token, TokenType, Variable
from django.template.defaulttags import do_if

from followups.templating import wording
from followups.templating.filters import FILTERS, LONGEST_VALUE

LONGEST_SOURCE = 10_000
LONGEST_TAG = 300  # characters between a pair of braces
MOST_TAGS = 100
DEEPEST = 10  # ifs within ifs
LONGEST_TEXT = LONGEST_SOURCE + MOST_TAGS * LONGEST_VALUE  # no message is longer

ATTRIBUTES = "attributes"
# name: what it is; each but those of ALWAYS may be empty for some lead
VARIABLES: Mapping[str, str] = {
    "name": "the full name",
    "first_name": "the first name",
    "source": "where the lead came from",
    "external_id": "your own number of the lead",
    "grade": "A to D, by the score",
    "policy": "the name of the policy",
    "step": "1 for the first message, 2 for the second",
    "unsubscribe_url": "the page on which somebody ends all messages",
}
ALWAYS = frozenset({"policy", "step"})
_CONSTANTS = frozenset({"True", "False", "None"})
_FILTERS = {name: each.apply for name, each in FILTERS.items()}
_ENGINE = Engine(autoescape=False)


class TemplateFault(ValueError):
    """The text is no template of a message; the message says why and where."""


class _Attributes(dict[str, object]):
    """One that a lead does not have is empty, and no method of a dictionary is reached instead."""

    def __missing__(self, name: str) -> str:
        return ""


class _Parser(Parser):
    """Django's, with a closed set of tags and filters; a variable is a name, or `attributes.` and a name."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self.tags = {"if": do_if}
        self.filters = dict(_FILTERS)
        self.faults: list[str] = []
        self._at: Token | None = None

    def next_token(self) -> Token:
        """Remembers where it is."""
        self._at = super().next_token()
        return self._at

    def compile_filter(self, token: str) -> FilterExpression:
        """Raises TemplateSyntaxError for what cannot be read; what may not be said is a fault."""
        found = FilterExpression(token, self)
        place = wording.place(self._at)
        self.faults += [f"{place} {said}" for said in (*_strange(found), *_misused(found))]
        return found


class MessageTemplate(Template):
    """A compiled message. With `faults` it is not rendered."""

    faults: Sequence[str]

    def compile_nodelist(self) -> Any:
        """Raises TemplateSyntaxError; its `token` says where."""
        tokens = Lexer(self.source).tokenize()
        _bounded(tokens)
        parser = _Parser(tokens)
        nodes = parser.parse()
        self.faults = parser.faults
        return nodes


@lru_cache(maxsize=512)
def compiled(source: str) -> MessageTemplate:
    """What `source` says, if it can be said. Raises TemplateSyntaxError."""
    if len(source) > LONGEST_SOURCE:
        raise TemplateSyntaxError(f"it is longer than {LONGEST_SOURCE:,} characters")
    return MessageTemplate(source, engine=_ENGINE)


def rendered(source: str, values: Mapping[str, object]) -> str:
    """The text of a message, of at most LONGEST_TEXT characters. Raises TemplateFault."""
    if not source:
        return ""  # the subject of most channels
    try:
        template = compiled(source)
    except TemplateSyntaxError as error:
        raise TemplateFault(wording.syntax(error)) from error
    if template.faults:
        raise TemplateFault(template.faults[0])
    return str(template.render(Context(_given(values), autoescape=False)))


def asked(expression: FilterExpression) -> str:
    """The variable that it tells; empty for a constant."""
    return "" if is_constant(expression.var) else str(expression.var)


def is_constant(part: object) -> bool:
    """A text, a number, True, False or None."""
    return not isinstance(part, Variable) or part.literal is not None or str(part) in _CONSTANTS


def _strange(expression: FilterExpression) -> Iterator[str]:
    name = asked(expression)
    if name and not _is_known(name):
        yield f"asks for a variable that does not exist. {_instead(name)}"


def _is_known(name: str) -> bool:
    first, dot, attribute = name.partition(".")
    if first == ATTRIBUTES:
        return bool(attribute) and "." not in attribute
    return not dot and first in VARIABLES


def _instead(name: str) -> str:
    near = get_close_matches(name.lower(), VARIABLES, n=1, cutoff=0.6)
    guess = f"Did you mean {near[0]}? " if near else ""
    return f"{guess}There are {', '.join(VARIABLES)}, and {ATTRIBUTES}.NAME for what a lead carries"


def _misused(expression: FilterExpression) -> Iterator[str]:
    for apply, arguments in expression.filters:
        name, known = next((name, each) for name, each in FILTERS.items() if each.apply is apply)
        for _, argument in arguments:
            value = argument.literal if isinstance(argument, Variable) else argument
            said = known.fault(value)
            if said:
                yield f"uses |{name} wrongly: it {said}"


def _given(values: Mapping[str, object]) -> dict[str, object]:
    """Plain values only, each of bounded length, none missing."""
    attributes = values.get(ATTRIBUTES)
    found: dict[str, object] = {name: _plain(values.get(name)) for name in VARIABLES}
    pairs = attributes.items() if isinstance(attributes, Mapping) else ()
    found[ATTRIBUTES] = _Attributes((str(name), _plain(value)) for name, value in pairs)
    return found


def _plain(value: object) -> object:
    """A number or a line of text, whatever was given."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    return " ".join(str(value)[: 4 * LONGEST_VALUE].split())[:LONGEST_VALUE]


def _bounded(tokens: list[Token]) -> None:
    tags = [token for token in tokens if token.token_type in (TokenType.VAR, TokenType.BLOCK)]
    if len(tags) > MOST_TAGS:
        raise _fault(f"has more than {MOST_TAGS} of {{{{ }}}} and {{% %}}", tags[MOST_TAGS])
    depth = 0
    for token in tags:
        if len(token.contents) > LONGEST_TAG:
            raise _fault(f"is longer than {LONGEST_TAG} characters", token)
        if token.token_type == TokenType.BLOCK:
            depth += {"if": 1, "endif": -1}.get(token.contents.split(" ")[0], 0)
        if depth > DEEPEST:
            raise _fault(f"has more than {DEEPEST} ifs within each other", token)


def _fault(sentence: str, token: Token) -> TemplateSyntaxError:
    error = TemplateSyntaxError(sentence)
    error.token = token  # type: ignore[attr-defined]
    return error
