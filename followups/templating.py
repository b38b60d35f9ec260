"""Templates of messages: Django's language without anything that reaches outside of the message."""

from collections.abc import Mapping
from functools import lru_cache

from django.template import Context, Engine, Template, TemplateSyntaxError

_ENGINE = Engine(autoescape=False, debug=False)


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    return _ENGINE.from_string(source)


def faults(source: str) -> list[str]:
    """What keeps a template from being used, for whoever wrote it."""
    try:
        _compiled(source)
    except TemplateSyntaxError as error:
        return [str(error)]
    return []


def rendered(source: str, values: Mapping[str, object]) -> str:
    """The text of a message."""
    return str(_compiled(source).render(Context(dict(values), use_tz=True)))
