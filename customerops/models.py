"""API keys: hashed by djangorestframework-api-key, with scopes added."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from rest_framework_api_key.models import AbstractAPIKey


class ApiKey(AbstractAPIKey):
    """A caller. The key itself is shown once, when it is made; only its hash is kept."""

    class Scope(models.TextChoices):
        """What a key may do. No scope includes another."""

        READ = "read"
        WRITE = "write"
        OPS = "ops"

    scopes = ArrayField(models.CharField(max_length=5, choices=Scope.choices))

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__contained_by=["read", "write", "ops"]) & Q(scopes__len__gt=0),
                name="key_scopes_known",
            )
        ]
