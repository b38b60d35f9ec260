"""What an application exports, and what is wrong with an expression that wants to read it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from customerops.alerts import promql
from customerops.alerts.promql import Matcher, Selector

OF_PROMETHEUS = {"up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped"}
COUNTING = {"rate", "irate", "increase", "resets"}
OF_ANY_TYPE = {"absent", "absent_over_time", "count", "group", "label_values"}
HISTOGRAM_PARTS = ("_bucket", "_count", "_sum")
COMPARED = {">", "<", ">=", "<="}


@dataclass(frozen=True, slots=True)
class Series:
    """A name that can be read: its type, and for each label the values there are."""

    type: str
    values: Mapping[str, set[str]] = field(default_factory=dict)


def series(exposition: str) -> dict[str, Series]:
    """Every name in Prometheus's text format. A family without samples has a type and no values."""
    found: dict[str, Series] = {}
    for family in text_string_to_metric_families(exposition):
        values: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for sample in family.samples:
            for label, value in sample.labels.items():
                values[sample.name][label].add(value)
        for name in {sample.name for sample in family.samples} | _names(family.name, family.type):
            found[name] = Series(family.type, values[name])
    return found


def _names(family: str, kind: str) -> set[str]:
    if kind == "counter":
        return {f"{family}_total"}
    return {family + part for part in HISTOGRAM_PARTS} if kind == "histogram" else {family}


def faults(expr: str, there: Mapping[str, Series], *, totals: bool = False) -> Iterator[str]:
    """A sentence for each thing the expression names that is not there, or is not of its type.

    With `totals` the value of a counter may be shown; to judge by it is always wrong.
    """
    for selector in promql.selectors(expr):
        if selector.metric in OF_PROMETHEUS:
            continue
        found = there.get(selector.metric)
        if found is None:
            yield f"nothing exports {selector.metric}"
            continue
        yield from _of_type(selector, found, totals)
        for matcher in selector.matchers:
            yield from _of_matcher(selector.metric, matcher, found)
    yield from _of_quantiles(expr, there)


def _of_type(selector: Selector, found: Series, totals: bool) -> Iterator[str]:
    counts = found.type in ("counter", "histogram")
    if selector.function in COUNTING and not counts:
        yield f"{selector.function}() of {selector.metric}, which is a {found.type}"
    elif counts and not totals and not selector.ranged and selector.function not in OF_ANY_TYPE:
        yield f"{selector.metric} is a {found.type}: its value says nothing without rate() or increase()"


def _of_matcher(metric: str, matcher: Matcher, found: Series) -> Iterator[str]:
    if "$" in matcher.value:  # of a dashboard: people choose it
        return
    if matcher.label not in found.values:
        yield f"{metric} has no label {matcher.label}"
        return
    values = found.values[matcher.label]
    named = matcher.value.split("|") if "~" in matcher.op else [re.escape(matcher.value)]
    for pattern in named:
        if not any(re.fullmatch(pattern, value) for value in values):
            shown = matcher.value if len(named) == 1 else pattern
            yield f'{metric} has no {matcher.label} "{shown}"; there are {", ".join(sorted(values)[:20])}'


def _of_quantiles(expr: str, there: Mapping[str, Series]) -> Iterator[str]:
    """A percentile is compared with a bound of its histogram: between bounds it is a guess."""
    words = promql.tokens(expr)
    for at, word in enumerate(words):
        if word.text != "histogram_quantile":
            continue
        end = promql.closing(words, at + 1)
        if len(words) < end + 3 or words[end + 1].text not in COMPARED:
            continue
        limit = words[end + 2].text
        for selector in promql.selectors(expr[word.start : words[end].end]):
            bounds = there.get(selector.metric, Series("")).values.get("le", set())
            if float(limit) not in {0.0, *(float(bound) for bound in bounds)}:  # below 0 there is nothing
                there_are = ", ".join(sorted(bounds, key=float))
                yield f"{limit} is no bound of {selector.metric}; there are {there_are}"
