"""One visit to the page of a policy: what was typed, what is wrong with it, its preview, what was saved."""

from typing import Any

from django.forms import BaseFormSet
from django.http import HttpRequest
from django.utils.timezone import now

from followups import documents, policies, previewing, templating
from followups.admin import forms
from followups.admin.forms import PolicyForm, StepForm, StepFormSet
from followups.admin.writing import Written
from followups.documents import DocumentError
from followups.models import Policy, PolicyVersion
from followups.templating.filters import FILTERS
from followups.templating.language import VARIABLES
from followups.templating.values import written as as_written
from leads.models import Lead

WHOLE = {"empty_permitted": False}  # a card that says what it said before is not an empty one
NEWEST = 200  # leads whose attributes are offered
SEE_LEADS = "leads.view_lead"


class Editor:
    """Of a stored policy, or of a new one."""

    def __init__(self, request: HttpRequest, policy: Policy | None, *, author: str) -> None:
        self._request, self._policy, self._author = request, policy, author
        self._asks = request.POST if request.method == "POST" else None
        self._unreadable = ""
        self._form, self._steps = self._forms()
        self._preview: Any = None
        self.fresh = True  # whether what was saved says something new

    def saved(self) -> PolicyVersion | None:
        """The new version; None when there is something to show first."""
        if self._asks is None:
            return None
        if not all([self._form.is_valid(), self._steps.is_valid()]):
            self._judge_texts()
            return None
        written = Written(self._form, self._steps)
        try:
            if "_preview" in self._asks:
                self._look(written.document())
                return None
            return self._stored(written.document())
        except DocumentError as error:
            written.place(error.faults)
        except policies.PolicyError as error:
            self._form.add_error("name", str(error))
        return None

    def context(self) -> dict[str, Any]:
        """For the template."""
        wrong = self._form.is_bound and (self._form.errors or any(self._steps.errors))
        return {
            "form": self._form,
            "steps": self._steps,
            "wrong": wrong,
            "unreadable": self._unreadable,
            "may_preview": self._may_preview(),
            "preview": self._preview,
            "preview_of": self._preview_of(),
            "zones": forms.zones(),
            "receivers": forms.receivers(),
            "variables": VARIABLES,
            "attributes": _attributes(),
            "filters": [each.example for each in FILTERS.values()],
        }

    def _forms(self) -> "tuple[PolicyForm, BaseFormSet[StepForm]]":
        if self._policy is None:
            return PolicyForm(self._asks), StepFormSet(self._asks, prefix="steps", form_kwargs=WHOLE)
        stored, steps = self._stored_document(self._policy)
        form = PolicyForm(self._asks, initial=stored, stored=True)
        return form, StepFormSet(self._asks, prefix="steps", initial=steps, form_kwargs=WHOLE)

    def _stored_document(self, policy: Policy) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What the forms begin with; nothing, and a sentence, where the stored version cannot be read."""
        try:
            document = documents.written(policies.newest_plan(policy))
        except policies.UnreadableError as error:
            self._unreadable = str(error)
            return {}, []
        return forms.initial(document), document["steps"]

    def _stored(self, document: dict[str, Any]) -> PolicyVersion:
        if self._policy is not None:
            before = policies.newest(self._policy)
            version = policies.revise(policy=self._policy, document=document, author=self._author, now=now())
            self.fresh = version != before
            return version
        name = self._form.cleaned_data["name"]
        return policies.create(name=name, document=document, author=self._author, now=now())

    def _preview_of(self) -> str:
        return self._asks.get("preview_of", "").strip() if self._asks else ""

    def _judge_texts(self) -> None:
        """All that is wrong at once: no document is made, so nobody else looks at the texts."""
        for step in self._steps.forms:
            for field in ("subject", "body"):
                for said in templating.faults(step.cleaned_data.get(field, "")):
                    step.add_error(field, said)

    def _may_preview(self) -> bool:
        """A text may show whatever a lead carries."""
        return self._request.user.has_perm(SEE_LEADS)

    def _look(self, document: dict[str, Any]) -> None:
        if not self._may_preview():
            self._form.add_error(None, "A preview shows a lead: it is for those who may view leads.")
            return
        plan, asked = policies.checked(document), self._preview_of()
        lead = previewing.found(asked) if asked else previewing.latest(plan)
        if lead is None:
            said = f"There is no lead {asked}." if asked else "There is no lead yet to preview it with."
            self._form.add_error(None, said)
            return
        name = self._policy.name if self._policy else self._form.cleaned_data["name"]
        found = previewing.preview(plan=plan, name=name, lead=lead, policy=self._policy, now=now())
        self._preview = {
            "of": found,
            "steps": [
                (step, previewing.local(step.at, found.zone) if step.at else None) for step in found.steps
            ],
        }


def _attributes() -> list[str]:
    """As templates write them."""
    newest = Lead.objects.order_by("-created_at", "-pk").values_list("attributes", flat=True)[:NEWEST]
    return sorted({as_written(name) for attributes in newest for name in attributes} - {""})
