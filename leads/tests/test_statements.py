"""Statements in one message: all or none, planned once for each connection."""

import pytest
from django.db import IntegrityError, connection

from leads.models import Lead
from leads.statements import Prepared, Statement, run

pytestmark = pytest.mark.django_db(transaction=True)

TWICE = Prepared("twice", "SELECT $1::int * 2, $2::text")
ADD = Prepared(
    "add_a_lead",
    "INSERT INTO leads_lead (id, external_id, source, attributes, timezone, created_at, recorded_at,"
    " matures_at, grade) VALUES (gen_random_uuid(), $1::text, '', '{}', 'UTC', now(), now(), now(), '')",
)


def test_it_answers_the_rows_of_each():
    found = run(Statement(TWICE, [4, "it's 100 %"]), Statement(ADD, ["ada"]), Statement(TWICE, [5, ""]))
    assert found == [[(8, "it's 100 %")], [], [(10, "")]]


def test_it_stores_all_or_none():
    with pytest.raises(IntegrityError):
        run(Statement(ADD, ["ada"]), Statement(ADD, ["ben"]), Statement(ADD, ["ada"]))
    assert not Lead.objects.exists()


def test_it_prepares_once_for_each_connection(django_assert_num_queries):
    connection.close()
    for queries in (2, 1, 1):
        with django_assert_num_queries(queries):
            run(Statement(TWICE, [1, "a"]))
    connection.close()
    with django_assert_num_queries(2):
        run(Statement(TWICE, [1, "a"]))
