"""Reads settings from the environment and refuses nonsense with a sentence that names the variable.

`NAME_FILE` may name a file that holds the value of `NAME`, for secrets mounted into a container.
"""

import os
from pathlib import Path

from environs import Env, EnvError

env = Env()


def secret(name: str, *, default_file: Path | None = None) -> str | None:
    """The value of `name`, else the contents of the file `NAME_FILE` names, else of `default_file`."""
    if value := os.environ.get(name):
        return value
    named = os.environ.get(f"{name}_FILE")
    path = Path(named) if named else default_file
    if path is None or (named is None and not path.is_file()):
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EnvError(f"{name}_FILE names {path}, which cannot be read: {error.strerror}") from error


def whole(name: str, default: int, *, at_least: int, at_most: int) -> int:
    """A whole number within bounds."""
    return int(_within(name, env.int(name, default), at_least, at_most))


def real(name: str, default: float, *, at_least: float, at_most: float) -> float:
    """A finite number within bounds."""
    return _within(name, env.float(name, default), at_least, at_most)


def _within(name: str, value: float, at_least: float, at_most: float) -> float:
    if not at_least <= value <= at_most:
        raise EnvError(f"{name} must be between {at_least} and {at_most}, not {value}")
    return value


def choice(name: str, default: str, values: set[str]) -> str:
    """One of `values`; case does not matter."""
    value = os.environ.get(name) or default
    for known in values:
        if value.lower() == known.lower():
            return known
    raise EnvError(f"{name} must be one of {', '.join(sorted(values))}, not {value!r}")


def weights(name: str, default: dict[str, float]) -> dict[str, float]:
    """`booked=1,qualified=0.5`: a number for each of the names in `default`, all others refused."""
    text = os.environ.get(name, "")
    found = dict(default)
    for part in filter(None, (item.strip() for item in text.split(","))):
        key, _, value = part.partition("=")
        if key not in default:
            raise EnvError(f"{name} has {key!r}; it takes {', '.join(default)}")
        try:
            found[key] = float(value)
        except ValueError:
            raise EnvError(f"{name} gives {key} the value {value!r}, which is not a number") from None
    return found
