"""Where commands find texts by others: none is part of the product."""

import os
from pathlib import Path

from django.core.management.base import CommandError


def data_folder(named: Path | None) -> Path | None:
    """The folder named, else `CUSTOMEROPS_DATA`; None without either. Raises CommandError for no folder."""
    told = os.environ.get("CUSTOMEROPS_DATA")
    folder = named or (Path(told) if told else None)
    if folder is not None and not folder.is_dir():
        raise CommandError(f"{folder} is no folder")
    return folder
