"""Rule files from their templates and the thresholds, of which there is one place."""

import re
from collections.abc import Mapping

import yaml

PLACE = re.compile(r"%\{(\w+)\}")
HEADER = (
    "# Rendered by `manage.py alert_rules` from prometheus_thresholds.yml and templates/{name}: edit those.\n"
)


class RenderingError(Exception):
    """Thresholds and templates do not fit; the message names what."""


def thresholds(text: str) -> dict[str, str]:
    """Every threshold as it is written: 0.10 stays 0.10."""
    found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes strings only
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise RenderingError("the thresholds are not one list of `name: value`")
    return found


def rendered(*, templates: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The rule files by name. Raises RenderingError for a name that is on one side only."""
    used = {name for template in templates.values() for name in PLACE.findall(template)}
    if unknown := sorted(used - values.keys()):
        raise RenderingError(f"no threshold is called {', '.join(unknown)}")
    if idle := sorted(values.keys() - used):
        raise RenderingError(f"no rule uses {', '.join(idle)}")
    return {
        name: HEADER.format(name=name) + PLACE.sub(lambda place: values[place[1]], template)
        for name, template in templates.items()
    }
