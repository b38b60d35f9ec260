"""How the words of other systems say that a lead was won, lost or is still open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

STATES = frozenset({"booked", "qualified", "nurture", "ghosted", "unqualified", "spam"})
OPEN = "none"

_WORDS = {
    "booked": """
        yes y true t 1 won win closed_won converted closed_converted convert success successful sold sale
        purchase purchased bought paid signed completed complete accepted approved enrolled subscribed booking
        check_out checked_out stayed attended confirmed customer deal""",
    "qualified": "mql sql sal opportunity interested quoted proposal",
    "nurture": "nurturing later follow_up recycled contacted",
    "ghosted": """
        no n false f 0 lost loss closed_lost not_converted closed_not_converted unconverted failure failed
        canceled cancelled no_show noshow abandoned expired no_response unresponsive rejected declined refused
        dropped withdrawn churned dead""",
    "unqualified": "disqualified invalid not_qualified bad_fit",
    "spam": "junk fraud bot",
    OPEN: "open pending new in_progress active waiting working unknown",
}
_MEANS = {word: state for state, words in _WORDS.items() for word in words.split()} | {s: s for s in STATES}
# In a column named is_canceled a 1 says the opposite of a 1 in a column named converted.
_BAD_ENDING = re.compile(
    r"cancel|lost|lose|churn|ghost|no_?show|reject|fail|spam|drop|default|declin|refus|expire"
)
_YES_OR_NO = frozenset({"yes", "y", "true", "t", "1", "no", "n", "false", "f", "0"})


class EndingError(ValueError):
    """The value is in neither the map nor the known words."""


@dataclass(frozen=True, slots=True)
class Endings:
    """Reads one outcome column. `mapping` goes before the known words; `none` there means no outcome yet."""

    column: str
    mapping: Mapping[str, str]

    def read(self, cell: str) -> str | None:
        """The state a cell stands for; None when there is no outcome yet."""
        text = cell.strip()
        state = self.mapping.get(text.casefold()) or self._known(text)
        return None if state == OPEN else state

    def _known(self, text: str) -> str:
        word = re.sub(r"[\s_-]+", "_", text.casefold())
        word = re.sub(r"^([01])\.0+$", r"\1", word)
        if word not in _MEANS or (word in _YES_OR_NO and _BAD_ENDING.search(self.column.casefold())):
            raise EndingError(text)
        return _MEANS[word]


def parse_map(text: str) -> dict[str, str]:
    """`Check-Out=booked,Canceled=ghosted` as a mapping. A value may hold `=`; the state follows the last.

    Raises ValueError with a sentence for anything else.
    """
    found: dict[str, str] = {}
    for part in filter(None, (item.strip() for item in text.split(","))):
        value, equals, state = part.rpartition("=")
        state = state.strip().lower()
        if not equals or state not in STATES | {OPEN}:
            known = ", ".join(sorted(STATES))
            raise ValueError(
                f"{part!r} is not VALUE=STATE; the states are {known}, and none for no outcome yet"
            )
        found[value.strip().casefold()] = state
    return found
