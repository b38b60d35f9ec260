"""System checks of settings that contradict each other."""

import pytest

from modeling import checks


def ids() -> list[str | None]:
    return [message.id for message in checks.learning_settings(None)]


def test_it_is_content_with_the_defaults():
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("MODEL_MIN_CONVERTED", 101, "modeling.E001"),
        ("TUNING_SECONDS", 1751.0, "modeling.E002"),
        ("RELOAD_POLL_SECONDS", 3.5, "modeling.W001"),
    ],
)
def test_it_names_what_contradicts_what(settings, name, value, found):
    setattr(settings, name, value)
    assert ids() == [found]
