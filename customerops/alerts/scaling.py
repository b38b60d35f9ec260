"""Rules that judge in seconds what in earnest takes hours, for drills against running processes."""

import re
from dataclasses import replace

from customerops.alerts import durations
from customerops.alerts.rules import Rule

SHORTEST_WINDOW = 3.0  # holds several scrapes, without which there is no rate
SHORTEST_WAIT = 1.0
WINDOW = re.compile(r"\[(\w+)\]")


def compressed(rule: Rule, *, longest: float) -> Rule:
    """The same rule, windows and `for` shrunk by one factor until the longest takes `longest` seconds."""
    windows = [durations.seconds(window) for window in WINDOW.findall(rule.expr)]
    wait = durations.seconds(rule.wait)
    factor = min(1.0, longest / max([wait, *windows, longest]))

    def shrunk(window: re.Match[str]) -> str:
        length = max(durations.seconds(window[1]) * factor, SHORTEST_WINDOW)
        return f"[{durations.written(length)}]"

    waits = max(wait * factor, SHORTEST_WAIT) if wait else 0.0
    return replace(rule, expr=WINDOW.sub(shrunk, rule.expr), wait=durations.written(waits))
