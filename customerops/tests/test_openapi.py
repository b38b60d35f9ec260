"""The committed OpenAPI document is the one the code makes; the documents are served offline."""

import io
import re
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from customerops.api import bodies

ROOT = Path(__file__).resolve().parent.parent.parent
REFRESH = "run `python manage.py spectacular --validate --fail-on-warn --file openapi.yaml` and commit it"


@pytest.fixture(scope="module")
def document() -> str:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return out.getvalue()


def test_the_committed_document_is_current(document):
    assert document == (ROOT / "openapi.yaml").read_text(encoding="utf-8"), REFRESH


def test_it_names_the_keys_that_bodies_may_have(document):
    schemas = yaml.safe_load(document)["components"]["schemas"]
    assert set(schemas["NewLeadShapeRequest"]["properties"]) == bodies.LEAD_KEYS
    assert set(schemas["QuestionShapeRequest"]["properties"]) == bodies.PREDICT_KEYS
    assert set(schemas["ContactShapeRequest"]["properties"]) == bodies.CONTACT_KEYS


def test_every_operation_asks_for_the_key_and_tells_its_problems(document):
    read = yaml.safe_load(document)
    assert read["components"]["securitySchemes"]["ApiKey"]["name"] == "x-api-key"
    operations = [operation for path in read["paths"].values() for operation in path.values()]
    for operation in operations:
        assert operation["security"] == [{"ApiKey": []}], operation["operationId"]
        assert {"401", "403", "503"} <= set(operation["responses"]), operation["operationId"]


@pytest.mark.django_db
def test_it_is_served_without_a_key():
    answer = Client().get("/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "CustomerOps"


@pytest.mark.django_db
def test_the_page_to_read_and_try_loads_nothing_from_elsewhere():
    page = Client().get("/docs").content.decode()
    assert "swagger-ui" in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
