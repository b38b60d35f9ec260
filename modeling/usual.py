"""How far the leads of a few days usually are from those of the whole time a version learned from.

Businesses have seasons, groups that book together, campaigns: no fortnight is a sample of a year, and what
happens every few weeks is no drift. Training processes only (numpy).
"""

import numpy as np

from modeling.dataset import Dataset, Floats, Ints
from modeling.stationarity import psis

FEWEST_LEADS = 100  # in a window that counts
NEARLY_ALL = 0.95  # the strangest are left out: the first leads of a business, the last before it learned
FEWEST_WINDOWS = 6  # fewer do not tell what is usual


def windows(leads: Dataset, days: int) -> Ints:
    """For each lead the number of the window it came in, windows of so many days following one another."""
    if len(leads) == 0:
        return np.empty(0, dtype=np.int64)
    since = leads.created_at - leads.created_at.min()
    return np.asarray(since // np.timedelta64(days, "D"), dtype=np.int64)


def reach(before: Ints, groups: Ints, window: Ints) -> float:
    """The index above noise that nearly all windows stay within; 0 where there are too few of them to tell.

    `before`: the leads in each group over the whole time; `groups` and `window`: of each lead.
    """
    number = np.bincount(window).astype(np.int64)
    full = np.flatnonzero(number >= FEWEST_LEADS)
    if len(full) < FEWEST_WINDOWS:
        return 0.0
    counts = np.bincount(window * len(before) + groups, minlength=len(number) * len(before))
    shares = counts.reshape(len(number), len(before))[full] / number[full, None]
    found = psis(before / before.sum(), shares) - _noise(before, number[full])
    return max(0.0, float(np.quantile(found, NEARLY_ALL)))


def _noise(before: Ints, number: Ints) -> Floats:
    """What sampling gives on average: a chi-squared of as many degrees as there are groups, less one."""
    degrees = np.count_nonzero(before) - 1
    return np.asarray(degrees * (1 / number + 1 / before.sum()))
