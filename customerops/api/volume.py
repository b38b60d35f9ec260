"""How much a call may say: texts are read one after the other, and nobody else's call waits for a library."""

from collections.abc import Iterable
from http import HTTPStatus

from customerops.api.problems import Problem
from leads.conversation import NewMessage
from leads.services import NewLead
from privacy.kinds import LONGEST

MOST = 1_000_000  # characters; seconds of a core
READ = 4 * LONGEST  # a longer text is withheld unread
LINE = 64  # shorter values are names of things, which a batch repeats


def refuse_flood(*, leads: Iterable[NewLead] = (), messages: Iterable[NewMessage] = ()) -> None:
    """Raises Problem. Texts that are withheld for their length cost nothing."""
    said = [len(message.text) for message in messages]
    for lead in leads:
        said += [len(message.text) for message in lead.messages]
        said += [
            len(value) for value in lead.attributes.values() if isinstance(value, str) and len(value) > LINE
        ]
    total = sum(length for length in said if length <= READ)
    if total > MOST:
        detail = f"holds {total:,} characters of text; send at most {MOST:,} at once"
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
