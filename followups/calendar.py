"""When a message may go out: quiet hours and windows on the lead's own clock, whatever it does. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followups import zones
from followups.policy import Hours, Window

HORIZON = timedelta(days=32)  # no time within these days: there is none
_DAY = timedelta(days=1)
_UTC = ZoneInfo("UTC")


def zone(name: str) -> ZoneInfo:
    """The time zone; UTC for a name that no zone has (any more)."""
    return zones.known(name) or _UTC


def is_allowed(moment: datetime, *, hours: Hours, zone_name: str) -> bool:
    """Whether a message may go out at this very moment."""
    return _is_right(moment.astimezone(zone(zone_name)).replace(tzinfo=None), hours)


def next_allowed(moment: datetime, *, hours: Hours, zone_name: str) -> datetime | None:
    """`moment`, or the first one after it at which a message may go out; None when there is none.

    Only instants are compared, so a day of 23 or 25 hours and a clock that shows a time twice need no rules
    of their own: what counts is what the clock on the wall shows at the instant.
    """
    if is_allowed(moment, hours=hours, zone_name=zone_name):
        return moment
    for instant in _changes(moment, hours, zone(zone_name)):
        if instant > moment and is_allowed(instant, hours=hours, zone_name=zone_name):
            return instant
    return None


def local_day(moment: datetime, *, zone_name: str) -> date:
    """The day on the wall."""
    return moment.astimezone(zone(zone_name)).date()


def day_after(moment: datetime, *, zone_name: str) -> datetime:
    """When the local day of `moment` ends, as UTC."""
    today = local_day(moment, zone_name=zone_name)
    later = (instant for instant in _changes(moment, Hours(quiet=()), zone(zone_name)) if instant > moment)
    return next(instant for instant in later if local_day(instant, zone_name=zone_name) > today)


def _is_right(wall: datetime, hours: Hours) -> bool:
    if wall.date() in hours.quiet_dates or any(_covers(window, wall) for window in hours.quiet):
        return False
    return not hours.windows or any(_covers(window, wall) for window in hours.windows)


def _covers(window: Window, wall: datetime) -> bool:
    """A window that goes over midnight belongs to the day it began on."""
    today, yesterday = wall.weekday(), (wall.weekday() - 1) % 7
    if window.start < window.end:
        return today in window.days and window.start <= wall.time() < window.end
    began = today in window.days and wall.time() >= window.start
    goes_on = yesterday in window.days and wall.time() < window.end
    return began or goes_on


def _changes(moment: datetime, hours: Hours, zone: ZoneInfo) -> Iterator[datetime]:
    """Instants at which the answer may change, in order: edges of windows, midnights, leaps of the clock."""
    first = moment.astimezone(zone).date() - _DAY
    edges = sorted({time(), *_edges(hours.quiet), *_edges(hours.windows)})
    for days in range((HORIZON // _DAY) + 2):
        day = first + days * _DAY
        instants = {instant for edge in edges for instant in _instants(datetime.combine(day, edge), zone)}
        yield from sorted(instants | set(_leaps(day, zone)))


def _edges(windows: Iterable[Window]) -> Iterator[time]:
    for window in windows:
        yield window.start
        yield window.end


def _instants(wall: datetime, zone: ZoneInfo) -> set[datetime]:
    """When the clock shows this: once, twice in autumn, and in the spring gap what comes right after it."""
    return {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}


def _leaps(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """The moment at which the clock leaps on a day, to the minute."""
    start = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    end = datetime.combine(day + _DAY, time(), tzinfo=zone).astimezone(UTC)
    before = start.astimezone(zone).utcoffset()
    if before == end.astimezone(zone).utcoffset():
        return
    while end - start > timedelta(minutes=1):
        middle = start + (end - start) / 2
        if middle.astimezone(zone).utcoffset() == before:
            start = middle
        else:
            end = middle
    yield end.replace(second=0, microsecond=0)
