"""Where commands find texts by others: none is part of the product."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError


def data_folder(named: Path | None) -> Path | None:
    """The folder named, else `CUSTOMEROPS_DATA`, else the place beside the checkout; None without one."""
    beside = Path(settings.BASE_DIR).parent / "shared" / "data"
    folder = named or Path(os.environ.get("CUSTOMEROPS_DATA") or beside)
    if named and not named.is_dir():
        raise CommandError(f"{named} is no folder")
    return folder if folder.is_dir() else None
