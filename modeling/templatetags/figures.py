"""Figures in templates; a dash where there is none."""

from django import template

register = template.Library()
NONE = "\N{EN DASH}"


@register.filter
def figure(value: float | None, digits: int = 3) -> str:
    """0.8134 → 0.813."""
    return NONE if value is None else f"{value:.{digits}f}"


@register.filter
def gain(value: float | None, digits: int = 3) -> str:
    """0.0134 → +0.013."""
    return NONE if value is None else f"{value:+.{digits}f}"


@register.filter
def share(value: float | None, digits: int = 0) -> str:
    """0.724 → 72%."""
    return NONE if value is None else f"{value:.{digits}%}"


@register.filter
def count(value: int | None) -> str:
    """12345 → 12,345."""
    return NONE if value is None else f"{value:,}"


@register.filter
def plain(value: object) -> str:
    """A setting as a person would write it."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(part)}" for name, part in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value)) or "none"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return NONE if value is None or value == "" else str(value)
