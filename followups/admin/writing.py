"""From the form to the document, and from the document's faults back to the fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.forms import BaseFormSet

from followups.admin.forms import PolicyForm, StepForm

_FIELDS = {
    "sources": "sources",
    "grades": "grades",
    "intents": "intents",
    "score_from": "score_from",
    "score_to": "score_to",
    "zone": "zone",
    "quiet": "quiet",
    "windows": "windows",
    "quiet_dates": "quiet_dates",
    "lead_per_day": "lead_per_day",
    "policy_per_day": "policy_per_day",
    "reply": "stop_reply",
    "outcome": "stop_outcome",
    "hold_out": "hold_out",
}


class Written:
    """A policy as somebody filled it in; both forms are valid."""

    def __init__(self, form: PolicyForm, steps: "BaseFormSet[StepForm]") -> None:
        self._form, self._said = form, form.cleaned_data
        self._filled = [step for step in steps.forms if not step.is_empty]
        self._delays = [part.strip() for part in self._said["delays"].split(",") if part.strip()]

    def document(self) -> dict[str, Any]:
        """What `followups.policies` reads."""
        said = self._said
        others = [source.strip() for source in said["other_sources"].split(",") if source.strip()]
        return {
            "steps": list(self._steps()),
            "conditions": {
                "sources": sorted({*said["sources"], *others}),
                "grades": said["grades"],
                "intents": said["intents"],
                "score_from": _share(said["score_from"], 0.0),
                "score_to": _share(said["score_to"], 1.0),
            },
            "hours": {name: said[name] for name in ("zone", "quiet", "windows", "quiet_dates")},
            "caps": {name: said[name] for name in ("lead_per_day", "policy_per_day")},
            "stops": {"reply": said["stop_reply"], "outcome": said["stop_outcome"]},
            "hold_out": _share(said["hold_out"], 0.0),
        }

    def place(self, faults: Any) -> None:
        """Beside the field each is about."""
        if not self._filled:
            self._form.add_error(None, "Write at least one step: when it goes out, and its text.")
            return
        for path, sentence in _flat(faults, ()):
            if path[:1] == ("steps",) and len(path) > 1 and isinstance(path[1], int):
                self._place_step(path[1], path[2:], sentence)
            else:
                name = next((_FIELDS[part] for part in reversed(path) if part in _FIELDS), None)
                self._form.add_error(name, _sentence(sentence, "" if name else _last(path)))

    def _steps(self) -> Iterator[dict[str, Any]]:
        count = len(self._delays) or len(self._filled)
        for index in range(count if self._filled else 0):
            said = self._filled[self._form_of(index)].cleaned_data
            after = self._delays[index] if self._delays else said["after"]
            yield {
                **{name: said[name] for name in ("channel", "receiver", "subject", "body")},
                "after": after,
            }

    def _form_of(self, index: int) -> int:
        return min(index, len(self._filled) - 1)

    def _place_step(self, index: int, path: tuple[Any, ...], sentence: str) -> None:
        name = path[0] if path else None
        if name == "after" and self._delays:
            self._form.add_error("delays", sentence)
            return
        form = self._filled[self._form_of(index)]
        form.add_error(name if name in form.fields else None, _sentence(sentence, ""))


def _flat(faults: Any, at: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(faults, Mapping):
        for key, inner in faults.items():
            yield from _flat(inner, at if key == "non_field_errors" else (*at, key))
    elif isinstance(faults, list):
        for index, inner in enumerate(faults):
            yield from _flat(inner, at if isinstance(inner, str) else (*at, index))
    else:
        yield at, str(faults)


def _sentence(said: str, about: str) -> str:
    whole = f"{about}: {said}" if about else said
    return whole[:1].upper() + whole[1:]


def _last(path: tuple[Any, ...]) -> str:
    named = [part for part in path if isinstance(part, str)]
    return named[-1] if named else ""


def _share(percent: float | None, default: float) -> float:
    return default if percent is None else round(percent / 100, 8)
