"""Ways to people. Every file here is one; none is listed anywhere else."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from inspect import getmembers, isabstract, isclass
from pkgutil import iter_modules
from types import MappingProxyType

from followups.channels.base import Channel


@cache
def channels() -> Mapping[str, Channel]:
    """All there are, by name."""
    found: dict[str, Channel] = {}
    for module in iter_modules(__path__):
        for _, kind in getmembers(import_module(f"{__name__}.{module.name}"), isclass):
            if issubclass(kind, Channel) and not isabstract(kind):
                found[kind.name] = kind()
    return MappingProxyType(dict(sorted(found.items())))
