"""API keys in the admin. A key is shown once, in the message after it was made."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django_celery_beat.models import ClockedSchedule, SolarSchedule
from rest_framework_api_key.models import APIKey as LibraryKey

from customerops.models import ApiKey

# The library's own keys open nothing here.
admin.site.unregister(LibraryKey)
# Nothing here follows the sun, or runs once at a moment.
admin.site.unregister([ClockedSchedule, SolarSchedule])


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Scopes as boxes to tick."""

    scopes = forms.MultipleChoiceField(
        choices=[
            ("read", "read: leads, what agents remember of them, scores that are not stored"),
            ("write", "write: new leads and messages, how they ended, new scores"),
            ("ops", "ops: model status, retraining, rollback, exports, a person's data and erasure"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "expiry_date"]


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who may call, and until when."""

    form = ApiKeyForm
    list_display = ["name", "prefix", "scope_list", "created", "expiry_date", "is_usable"]
    list_filter = ["revoked"]
    search_fields = ["name", "prefix"]
    fields = ["name", "scopes", "expiry_date"]
    actions = ["revoke"]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        """A revoked key is history."""
        return ["name", "scopes", "expiry_date"] if obj and obj.revoked else []

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Keys are revoked, so that it can be seen who could call."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Makes the key of a new row."""
        if change:
            super().save_model(request, obj, form, change)
            return
        key = ApiKey.objects.assign_key(obj)
        obj.save()
        messages.warning(request, f"The key of {obj.name} is {key}. Copy it now: it is not shown again.")

    @admin.action(description="Revoke the selected keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """For good."""
        revoked = queryset.filter(revoked=False).update(revoked=True)
        messages.success(request, f"{revoked} revoked; every process refuses them within two seconds.")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Named for what it shows."""
        return super().changelist_view(request, {"title": "API keys", **(extra_context or {})})

    @admin.display(description="scopes")
    def scope_list(self, key: ApiKey) -> str:
        """As words, the mightiest last."""
        return ", ".join(scope for scope in ApiKey.Scope.values if scope in key.scopes)

    @admin.display(description="usable", boolean=True)
    def is_usable(self, key: ApiKey) -> bool:
        """Neither revoked nor expired."""
        return not key.revoked and not key.has_expired
