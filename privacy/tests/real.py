"""Where histories of real businesses lie on machines that have them. None is part of the product."""

import os
from pathlib import Path

from customerops.embedded.paths import ROOT


def data_folder() -> Path:
    """`CUSTOMEROPS_DATA`; else the customary place beside the checkout, which need not exist."""
    return Path(os.environ.get("CUSTOMEROPS_DATA") or ROOT.parent / "shared" / "data")
