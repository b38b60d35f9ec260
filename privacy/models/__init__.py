"""Rows of the privacy app."""

from privacy.models.scrubs import ScrubProgress, ScrubRun

__all__ = ["ScrubProgress", "ScrubRun"]
