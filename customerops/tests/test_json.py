"""Numbers that are too much for 64 bits do not close the list of leads."""

import orjson
import pytest
from django.test import Client

from customerops import credentials
from customerops.api import json

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", ["1180591620717411303424", "-1e25", "1e300", "18446744073709551616"])
def test_a_lead_with_a_huge_number_is_stored_and_listed(number):
    key = credentials.create_key(name="ada", scopes=["read", "write"])
    headers = {"x-api-key": key}
    body = f'{{"attributes": {{"size": {number}}}}}'
    made = Client().post("/v1/leads", body, content_type="application/json", headers=headers)
    assert made.status_code == 201
    listed = Client().get("/v1/leads", headers=headers)
    assert listed.status_code == 200
    [lead] = orjson.loads(listed.content)["results"]
    assert lead["attributes"] == {"size": float(number)}


def test_what_is_no_number_is_still_refused():
    with pytest.raises(TypeError):
        json.dumps({"a": [object()]})
