"""What a score may look at: the snapshot of a lead, and the few features derived from its dates.

Pure Python. The same functions serve web processes (one value) and training (each distinct value once).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

Value = str | float | int | bool | None
Transform = Literal["value", "days_ahead", "month", "weekday", "hour"]

CREATED_AT: Final = "lead.created_at"  # the input name of features made from the moment a lead came in
SOURCE: Final = "lead.source"
DAY: Final = 86_400_000_000  # microseconds
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """How one feature is read: `input` names an attribute (or CREATED_AT), `transform` what is made of it."""

    name: str
    input: str
    transform: Transform = "value"


@dataclass(frozen=True, slots=True)
class Moment:
    """A parsed date: microseconds since 1970 in UTC; `whole_day` when no time of day was given."""

    at: int
    whole_day: bool


def snapshot(
    *, attributes: Mapping[str, Value], source: str, signals: Mapping[str, Value] = MappingProxyType({})
) -> dict[str, Value]:
    """What a score sees of a lead; stored with the prediction, and what training reads later.

    `signals` are what the lead's messages say, under names that attributes may not have.
    """
    return {**attributes, SOURCE: source, **signals}


def created_spec(transform: Transform) -> FeatureSpec:
    """The feature `lead.hour`, `lead.weekday` or `lead.month`."""
    return FeatureSpec(f"lead.{transform}", CREATED_AT, transform)


def date_specs(attribute: str) -> list[FeatureSpec]:
    """The three features made from an attribute that holds ISO dates."""
    transforms: tuple[Transform, ...] = ("days_ahead", "month", "weekday")
    return [FeatureSpec(f"{attribute}.{transform}", attribute, transform) for transform in transforms]


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970; a moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def parse_date(text: object) -> Moment | None:
    """`2026-11-23` or `2026-11-23T03:17:00Z`; None for everything else, and never an exception."""
    if not isinstance(text, str) or not 10 <= len(text) <= 40 or text[4] != "-" or text[7] != "-":
        return None
    try:
        return Moment(at=microseconds(datetime.fromisoformat(text)), whole_day=len(text) == 10)
    except (ValueError, OverflowError):
        return None


def days_ahead(moment: Moment, created: int) -> float:
    """Days from the lead's arrival to the date; whole days when the date has no time of day."""
    if moment.whole_day:
        return float(moment.at // DAY - created // DAY)
    return (moment.at - created) / DAY


def weekday(at: int) -> int:
    """1 for Monday to 7 for Sunday, in UTC."""
    return (at // DAY + 3) % 7 + 1


def month(at: int) -> int:
    """1 for January to 12, in UTC."""
    return (_EPOCH + timedelta(microseconds=at)).month


def hour(at: int) -> int:
    """0 to 23, in UTC."""
    return at % DAY // 3_600_000_000


def derive(transform: Transform, value: object, created: int) -> float | None:
    """The derived number of a date value, or None when the value is no date."""
    moment = parse_date(value)
    if moment is None:
        return None
    if transform == "days_ahead":
        return days_ahead(moment, created)
    return _calendar(transform, moment.at)


def of_created(transform: Transform, created: int) -> float:
    """The derived number of the moment the lead came in."""
    return _calendar(transform, created)


def _calendar(transform: Transform, at: int) -> float:
    if transform == "month":
        return float(month(at))
    if transform == "weekday":
        return float(weekday(at))
    return float(hour(at))


def read(spec: FeatureSpec, values: Mapping[str, object], created: int) -> object:
    """The feature's value in a snapshot: as it stands, or derived from a date. Missing is None."""
    if spec.input == CREATED_AT:
        return of_created(spec.transform, created)
    value = values.get(spec.input)
    if spec.transform == "value":
        return value
    return derive(spec.transform, value, created)


@dataclass(frozen=True, slots=True)
class Bins:
    """How a feature's values fall into bins 0 … size-1; the same in training and serving.

    Bin 0 holds missing values. Numbers fill the next bins between `edges` (None: numbers are not binned by
    size). Then one bin for each of `categories`, strings or numbers used as names, in order of how well they
    convert; an entry None is the bin of the rare and the never seen, which else share bin 0.
    """

    spec: FeatureSpec
    edges: tuple[float, ...] | None = None
    categories: tuple[str | float | None, ...] = ()

    @property
    def first_category(self) -> int:
        """The bin of the first category."""
        return 1 if self.edges is None else len(self.edges) + 2

    @property
    def size(self) -> int:
        """How many bins there are, bin 0 included."""
        return self.first_category + len(self.categories)

    @property
    def other(self) -> int:
        """The bin of values never seen in training."""
        return self.first_category + self.categories.index(None) if None in self.categories else 0

    def named(self) -> dict[str | float, int]:
        """The bin of each category."""
        first = self.first_category
        return {name: first + k for k, name in enumerate(self.categories) if name is not None}


def as_category(value: object) -> object:
    """Booleans are the categories "true" and "false" (True would else be equal to the number 1)."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return value
