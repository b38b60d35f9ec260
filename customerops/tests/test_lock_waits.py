"""A lock that somebody holds in Postgres: who needs it is told to come again, everybody else is answered."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, transaction

from customerops.tests.cast import key
from customerops.tests.servers import serving_web
from customerops.web import THREADS
from leads.models import Lead
from modeling.tests.cast import promoted


def asked(port: int, method: str, path: str, api_key: str = "") -> tuple[int, str]:
    """Status and body."""
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    caller.request(method, path, "{}", {"x-api-key": api_key, "content-type": "application/json"})
    answer = caller.getresponse()
    body = answer.read().decode()
    caller.close()
    return answer.status, body


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_table_that_hangs_takes_no_thread_for_long(tmp_path: Path):
    promoted()
    mine = key("write", "read")
    with serving_web(tmp_path, workers=1, DATABASE_LOCK_SECONDS="1") as port:
        with transaction.atomic(), ThreadPoolExecutor(THREADS) as callers:
            connection.cursor().execute("LOCK TABLE leads_lead IN ACCESS EXCLUSIVE MODE")
            waiting = [callers.submit(asked, port, "POST", "/v1/leads", mine) for _ in range(THREADS)]
            told = [one.result() for one in waiting]  # without a bound they would wait until we let go
            assert asked(port, "GET", "/healthz")[0] == 200
            assert asked(port, "POST", "/v1/predict", mine)[0] == 200
        assert {status for status, _ in told} == {503}
        assert all("somebody else holds what this needs; try again" in body for _, body in told)
        assert asked(port, "POST", "/v1/leads", mine)[0] == 201
    assert Lead.objects.count() == 1
