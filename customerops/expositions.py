"""Series by name, as one scrape tells them: for questions that need no Prometheus."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

Labels = Mapping[str, str]
Which = Callable[[Labels], bool]


def every(labels: Labels) -> bool:
    """All series of a name."""
    return True


class Exposition:
    """A text in Prometheus's format. What is not there is NaN, with which no comparison holds."""

    def __init__(self, text: str) -> None:
        self._samples: dict[str, list[Sample]] = defaultdict(list)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self._samples[sample.name].append(sample)

    def samples(self, name: str) -> Sequence[Sample]:
        """The series of that name."""
        return self._samples[name]

    def total(self, name: str, *, where: Which = every) -> float:
        """The sum of its series; NaN when none is there, or none that fits."""
        values = [sample.value for sample in self._samples[name] if where(sample.labels)]
        return sum(values) if values else math.nan

    def of(self, name: str, **labels: str) -> float:
        """The same of the series with these labels."""
        return self.total(name, where=lambda found: labels.items() <= found.items())

    def quantile(self, name: str, share: float, *, where: Which = every) -> float:
        """The bound of the histogram's bucket in which it lies; NaN before the first observation."""
        buckets: dict[float, float] = defaultdict(float)
        for sample in self._samples[f"{name}_bucket"]:
            if where(sample.labels):
                buckets[float(sample.labels["le"])] += sample.value
        count = buckets.get(math.inf, 0.0)
        if not count:
            return math.nan
        return min(bound for bound, below in buckets.items() if below >= share * count)
