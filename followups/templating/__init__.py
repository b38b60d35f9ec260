"""Templates of messages: Django's language, without anything that reaches outside of the message."""

from followups.templating.checking import faults
from followups.templating.language import TemplateFault, rendered
from followups.templating.values import values_of

__all__ = ["TemplateFault", "faults", "rendered", "values_of"]
