"""The Celery application: where its broker is, and what its processes do first."""

import pytest
import redis

from customerops.celery import app, broker_url
from customerops.env import EnvError
from customerops.schedule import ENTRIES


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("redis://localhost", "redis://localhost/1"),
        ("redis://user:s%40crt@cache:6380/2", "redis://user:s%40crt@cache:6380/3"),
        ("rediss://cache/0?ssl_cert_reqs=required", "rediss://cache/1?ssl_cert_reqs=required"),
        ("unix:///run/valkey.sock?db=0", "redis+socket:///run/valkey.sock?virtual_host=1"),
        ("unix:///a%20b/valkey.sock?db=4", "redis+socket:///a b/valkey.sock?virtual_host=5"),
    ],
)
def test_it_puts_the_broker_on_the_next_database(redis_url, expected):
    assert broker_url(redis_url) == expected


@pytest.mark.parametrize("url", ["redis://cache/first", "redis://cache/0/1", "unix:///run/valkey.sock?db=x"])
def test_it_refuses_a_database_that_is_no_number(url):
    with pytest.raises(EnvError, match="REDIS_URL must end with the number of a database"):
        broker_url(url)


def test_it_sends_to_the_broker_and_not_to_the_application_s_database(valkey_server, settings):
    with app.connection_for_write() as connection:
        queue = connection.SimpleQueue("it_sends")
        queue.put({"n": 1})
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            assert client.exists("it_sends") == 0
            client.select(1)
            assert client.exists("it_sends") == 1
        assert queue.get(timeout=2).payload == {"n": 1}
        queue.close()


def test_it_knows_every_task_the_schedule_names():
    app.loader.import_default_modules()
    assert {entry.task for entry in ENTRIES} <= set(app.tasks)
    assert app.conf.task_routes["modeling.tasks.run_retraining"] == {"queue": "training"}
