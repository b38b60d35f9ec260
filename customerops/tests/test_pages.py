"""The pages people open keep to the policy they are sent with."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from customerops.tests.cast import client, post, serve
from modeling.models import ModelVersion, RetrainRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_plain_static_files")]


@pytest.fixture
def _plain_static_files(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


class Scripts(HTMLParser):
    """Collects what the policy forbids: scripts in the page, handlers in tags, other hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        told = self.get_starttag_text() or ""
        if tag == "script" and "src" not in found and found.get("type") not in ("application/json",):
            self.forbidden.append(told)
        if any(name.startswith("on") for name in found):
            self.forbidden.append(told)
        loaded = found.get("src") or (found.get("href") if tag == "link" else None) or ""
        if re.match(r"(https?:)?//", loaded):
            self.forbidden.append(told)


def pages() -> list[str]:
    """Addresses of every kind of page."""
    models = ["leads_lead", "modeling_modelversion", "modeling_deployment", "modeling_retrainrun",
              "modeling_featurerule", "customerops_apikey", "django_celery_beat_periodictask"]  # fmt: skip
    lists = [reverse(f"admin:{model}_changelist") for model in models]
    version, run = ModelVersion.objects.get(), RetrainRun.objects.get()
    forms = [
        reverse("admin:customerops_apikey_add"),
        reverse("admin:django_celery_beat_periodictask_add"),
        reverse("admin:modeling_modelversion_change", args=[version.pk]),
        reverse("admin:modeling_retrainrun_change", args=[run.pk]),
    ]
    return ["/", "/docs", "/admin/", "/admin/login/", "/no-such-page", *lists, *forms]


def test_every_page_has_a_policy_and_keeps_it(now_a_run):
    browser = Client()
    browser.force_login(User.objects.create_superuser("ada"))
    for path in pages():
        answer = browser.get(path, follow=True)
        assert "script-src" not in answer["Content-Security-Policy"], path
        assert "default-src 'self'" in answer["Content-Security-Policy"], path
        page = Scripts()
        page.feed(answer.content.decode())
        assert page.forbidden == [], path


@pytest.fixture
def now_a_run():
    serve()
    post(client("write"), "/v1/leads", {})
    RetrainRun.objects.create(slot="by-hand")


def test_the_api_docs_load_their_script_from_us():
    answer = Client().get("/docs?script=")
    assert answer["Content-Type"] == "application/javascript"
    assert b"SwaggerUIBundle" in answer.content


def test_what_is_no_page_has_no_policy():
    for path in ("/healthz", "/v1/leads", "/v1/openapi.json", "/metrics"):
        assert "Content-Security-Policy" not in Client().get(path)
