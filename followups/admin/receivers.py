"""Receivers of webhooks: made, tried, disabled. Their secret is shown once, when it is made."""

from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import now

from followups import receivers
from followups.channels import webhook
from followups.channels.base import NoAnswer, NotNow
from followups.models import Receiver
from followups.receivers import ReceiverError

SHOWN = 2000  # characters of an answer


class ReceiverForm(forms.ModelForm):  # type: ignore[type-arg]
    """Its address has to be one that something can be sent to."""

    class Meta:
        model = Receiver
        fields = ["name", "url", "private", "gets_contact", "deduplicates"]
        widgets = {"url": forms.TextInput(attrs={"size": 80})}

    def clean(self) -> dict[str, Any] | None:
        """With the domain's own sentences."""
        found = super().clean()
        if found and "url" in found:
            try:
                receivers.checked(url=found["url"], private=found["private"])
            except ReceiverError as error:
                self.add_error(error.field, str(error))
        return found


@admin.register(Receiver)
class ReceiverAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Where webhooks go, and whether they are taken there."""

    form = ReceiverForm
    list_display = ["name", "host", "takes", "gets_contact", "deduplicates", "created_at"]
    ordering = ["name"]
    actions = None
    fields = ["name", "url", "private", "gets_contact", "deduplicates"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Receiver]:
        """Without the secrets, which one page need not open."""
        return Receiver.objects.defer("secrets")

    def get_readonly_fields(self, request: HttpRequest, obj: Receiver | None = None) -> list[str]:
        """Policies name it."""
        return ["name"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Receiver | None = None) -> bool:
        """It is disabled instead: policies name it."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """What the buttons do."""
        views = {"test": self.test_view, "replace": self.replace_view, "disable": self.disable_view}
        views["enable"] = self.enable_view
        return [
            *(
                path(f"<int:pk>/{name}/", self._pressed(view), name=f"followups_receiver_{name}")
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Receiver, form: Any, change: bool) -> None:
        """Through the domain, which tells the secret of a new one."""
        given: dict[str, Any] = {**form.cleaned_data, "author": request.user.get_username()}
        if change:
            receivers.change(receiver=obj, **given)
            return
        made, secret = receivers.create(now=now(), **given)
        obj.pk, obj.secrets = made.pk, made.secrets
        self._tell(request, made, secret)

    def test_view(self, request: HttpRequest, receiver: Receiver) -> HttpResponse:
        """Deliver a test message, and show what came back."""
        started, answer, failed = monotonic(), None, ""
        try:
            answer = webhook.test(receiver, now=now())
        except (NotNow, NoAnswer) as error:
            failed = str(error)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Test of {receiver}",
            "opts": self.opts,
            "receiver": receiver,
            "answer": answer,
            "body": answer.body.decode(errors="replace")[:SHOWN] if answer else "",
            "failed": failed,
            "took_ms": round((monotonic() - started) * 1000),
        }
        return TemplateResponse(request, "followups/receiver_answer.html", context)

    def replace_view(self, request: HttpRequest, receiver: Receiver) -> HttpResponse:
        """A new secret; for a day both sign."""
        author = request.user.get_username()
        self._tell(request, receiver, receivers.replace_secret(receiver=receiver, author=author, now=now()))
        self.log_change(request, receiver, "Replaced the secret.")
        return self._back(receiver)

    def disable_view(self, request: HttpRequest, receiver: Receiver) -> HttpResponse:
        """Nothing more goes there."""
        why, actor = request.POST.get("why", "")[:500], request.user.get_username()
        receivers.disable(receiver=receiver.name, why=why, now=now(), actor=actor)
        self.message_user(request, f"{receiver} gets nothing more. Steps that name it fail, and say why.")
        self.log_change(request, receiver, "Disabled it.")
        return self._back(receiver)

    def enable_view(self, request: HttpRequest, receiver: Receiver) -> HttpResponse:
        """It gets what is due from now on."""
        receivers.enable(receiver=receiver, actor=request.user.get_username())
        self.message_user(request, f"{receiver} gets messages again.")
        self.log_change(request, receiver, "Enabled it.")
        return self._back(receiver)

    def _pressed(self, view: Any) -> Any:
        """A button is for those who may change the receiver, and a link is no button."""

        def pressed(request: HttpRequest, pk: int) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            answer: HttpResponse = view(request, get_object_or_404(self.get_queryset(request), pk=pk))
            return answer

        return self.admin_site.admin_view(pressed)

    def _tell(self, request: HttpRequest, receiver: Receiver, secret: str) -> None:
        said = f"The secret of {receiver} is {secret}. Copy it now: it is not shown again."
        self.message_user(request, said, messages.WARNING)

    def _back(self, receiver: Receiver) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:followups_receiver_change", args=[receiver.pk]))

    @admin.display(description="at")
    def host(self, receiver: Receiver) -> str:
        """What comes after may be a secret of the receiver's."""
        return urlsplit(receiver.url).netloc

    @admin.display(description="gets messages")
    def takes(self, receiver: Receiver) -> str:
        """Or why not."""
        if receiver.disabled_at is None:
            return "yes"
        return f"no, since {receiver.disabled_at:%Y-%m-%d %H:%M}: {receiver.disabled_why}"
