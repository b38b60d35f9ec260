"""Model fields that hold text of people. Declaring one is what makes scrubbing and the data map find it.

They store what they are given: whoever writes a row redacts first (`privacy.keeping`).
"""

from django.db import models


class RedactedCharField(models.CharField):  # type: ignore[type-arg]
    """Text of bounded length that was redacted before it was stored."""


class RedactedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that was redacted before it was stored."""


class RedactedJSONField(models.JSONField):
    """JSON whose strings were redacted before it was stored."""


class JudgedValuesField(models.JSONField):
    """A flat object of named values that were judged before it was stored (`privacy.values`)."""


class JudgedValueField(models.CharField):  # type: ignore[type-arg]
    """One such value."""


JUDGED = (JudgedValueField, JudgedValuesField)
REDACTED = (RedactedCharField, RedactedTextField, RedactedJSONField, *JUDGED)
