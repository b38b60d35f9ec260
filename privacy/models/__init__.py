"""Rows of the privacy app."""

from privacy.models.canaries import CanaryFlight
from privacy.models.erasures import Erasure, Forgetting, Tombstone
from privacy.models.holds import LegalHold
from privacy.models.retention import RetentionRun
from privacy.models.scrubs import ScrubProgress, ScrubRun

__all__ = [
    "CanaryFlight",
    "Erasure",
    "Forgetting",
    "LegalHold",
    "RetentionRun",
    "ScrubProgress",
    "ScrubRun",
    "Tombstone",
]
