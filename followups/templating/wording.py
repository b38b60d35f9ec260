"""What the parser of templates says, in plain words and with the place."""

import re
from collections.abc import Mapping

from django.template import TemplateSyntaxError
from django.template.base import Node, Token, TokenType

from followups.templating.filters import FILTERS

BRACES: Mapping[str, str] = {
    "{{": "{{ name }}",
    "}}": "{{ name }}",
    "{%": "{% if name %}",
    "%}": "{% if name %}",
}
_TAGS = "{% if … %}, {% elif … %}, {% else %} and {% endif %}"
_EXAMPLES = ", ".join(f"|{each.example}" for each in FILTERS.values())
# what Django says, and what it means
_MEANINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Empty variable tag"), "has nothing in it; write a variable, such as {{ name }}"),
    (re.compile(r"Empty block tag"), f"has nothing in it; there are {_TAGS}"),
    (
        re.compile(r"Invalid block tag on line \d+: '(el.*|end.*)'"),
        "stands where no {% if … %} waits for it",
    ),
    (re.compile(r"Invalid block tag"), f"is not for messages; there are {_TAGS}"),
    (re.compile(r"Unclosed tag"), "is never closed; write {% endif %} where it ends"),
    (
        re.compile(r"Invalid filter: '(.*)'"),
        r"uses |\1, which messages do not have; there are " + ", ".join(FILTERS),
    ),
    (
        re.compile(r"Could not parse"),
        "cannot be read; a variable is one word, filters follow it after | without spaces",
    ),
    (re.compile(r"underscores"), "asks for a variable that begins with an underscore"),
    (
        re.compile(r"(\S+) requires \d+ arguments"),
        r"has too much or too little after |\1; filters are written " + _EXAMPLES,
    ),
    (re.compile(r"Unexpected end of expression"), "lacks what it asks about, as in {% if name %}"),
)


def syntax(error: TemplateSyntaxError) -> str:
    """The sentence for an error of the parser."""
    token = getattr(error, "token", None)
    said = str(error)
    for pattern, meaning in _MEANINGS:
        if found := pattern.search(said):
            said = found.expand(meaning)
            break
    return f"{place(token)} {said}" if isinstance(token, Token) else said


def hole(name: str, node: Node) -> str:
    """A variable that some lead does not have."""
    line = node.token.lineno if node.token else 1
    return (
        f"line {line}: {name} is empty for some leads. Write "
        f'{{{{ {name}|default:"…" }}}} with what to say instead, or put the sentence between '
        f"{{% if {name} %}} and {{% endif %}}"
    )


def place(token: Token | None) -> str:
    """Where it is, and what stands there."""
    if token is None:
        return ""
    inside = token.contents if len(token.contents) <= 60 else token.contents[:59] + "…"
    braces = ("{{", "}}") if token.token_type == TokenType.VAR else ("{%", "%}")
    return f"line {token.lineno}: {braces[0]} {inside} {braces[1]}"
