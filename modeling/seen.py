"""Which versions may have learned from a lead: an upper bound, for training drops leads of its own accord."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

# As modeling.reading and Dataset.known_at take leads: recorded when the version was archived, matured when it
# was trained, and not spam by what was known then. What of the rest had not settled yet, nobody can tell now.
_VERSIONS = """
    SELECT version FROM modeling_modelversion AS model
    WHERE EXISTS (
        SELECT FROM leads_lead AS lead
        WHERE lead.id = ANY (%s)
          AND lead.recorded_at <= model.recorded_at AND lead.matures_at <= model.trained_at
          AND coalesce((SELECT state FROM leads_outcome
                         WHERE lead_id = lead.id AND recorded_at <= model.trained_at
                         ORDER BY recorded_at DESC, id DESC LIMIT 1), '') <> 'spam'
    )
    ORDER BY version
"""


def versions_that_saw(leads: Sequence[UUID]) -> list[int]:
    """Oldest first. Asked before the leads are gone."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [list(leads)])
        return [version for (version,) in cursor.fetchall()]
