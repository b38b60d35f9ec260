"""Reads /metrics as Prometheus does, and remembers where a counter went back."""

from prometheus_client.parser import text_string_to_metric_families

Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def counters(page: str) -> Values:
    """Every counter's value by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        if family.type == "counter"
        for sample in family.samples
        if sample.name.endswith("_total")
    }


class Scrapes:
    """The newest values, and every counter that once showed less than before."""

    def __init__(self) -> None:
        self.newest: Values = {}
        self.went_back: list[str] = []
        self.count = 0

    def add(self, page: str) -> None:
        """One more scrape."""
        found = counters(page)
        for series, value in found.items():
            if value < (before := self.newest.get(series, 0.0)):
                self.went_back.append(f"{series[0]}{dict(series[1])} {before:g} -> {value:g}")
        self.newest |= found
        self.count += 1

    def total(self, name: str, **labels: str) -> float:
        """The sum over series that have these labels."""
        wanted = set(labels.items())
        return sum(
            value for (named, has), value in self.newest.items() if named == name and wanted <= set(has)
        )
