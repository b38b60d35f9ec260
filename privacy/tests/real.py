"""Where histories of real businesses lie on machines that have them. None is part of the product."""

import os
from pathlib import Path


def data_folder() -> Path:
    """`CUSTOMEROPS_DATA`, or the customary place beside the checkout; it need not exist."""
    named = os.environ.get("CUSTOMEROPS_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
