"""A lead's attributes and source as they may be kept; every score sees them so, in training and serving."""

from collections.abc import Mapping
from typing import cast

from leads.attributes import SOURCE, Value
from privacy.keeping import kept_values
from privacy.kinds import Surface

LONGEST_SOURCE = 100  # as the column is wide; a placeholder can be longer than what it stands for


def safe_values(
    *, attributes: Mapping[str, object], source: str, contact: Mapping[str, str] | None = None
) -> tuple[Mapping[str, Value], str]:
    """Both without what is personal; the given ones when nothing is. `contact` is whose lead it is."""
    given = cast(Mapping[str, Value], attributes)
    values = {**given, SOURCE: source} if source else given
    safe = kept_values(values, surface=Surface.LEAD_ATTRIBUTES, person=contact)
    if safe is values:
        return given, source
    kept = str(safe.get(SOURCE, source))[:LONGEST_SOURCE]
    return {name: value for name, value in safe.items() if name != SOURCE}, kept
