"""A port of its own for /metrics: it answers its pages, and a page that fails takes nothing along."""

from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from customerops import scraping

HOSTS = {"127.0.0.1": "127.0.0.1", "::1": "[::1]"}


def fails() -> bytes:
    raise RuntimeError("no such folder")


@pytest.mark.parametrize("host", HOSTS)
def test_it_answers_its_pages_whatever_the_query(host):
    with scraping.answering(host=host, port=0, pages={"/metrics": lambda: b"up 1\n"}) as port:
        for path in ("/metrics", "/metrics?format=text"):
            with urlopen(f"http://{HOSTS[host]}:{port}{path}") as answer:
                assert answer.read() == b"up 1\n"
                assert answer.headers["Content-Type"].startswith("text/plain; version=")


@pytest.mark.parametrize(("path", "status"), [("/", 404), ("/metrics/x", 404), ("/fails", 500)])
def test_it_says_what_it_cannot_answer_and_goes_on(path, status):
    pages = {"/metrics": lambda: b"up 1\n", "/fails": fails}
    with scraping.answering(host="127.0.0.1", port=0, pages=pages) as port:
        with pytest.raises(HTTPError) as refused:
            urlopen(f"http://127.0.0.1:{port}{path}")
        with refused.value as answer:
            assert answer.code == status
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.status == 200


def test_a_port_in_use_is_refused_and_a_left_one_is_free_again():
    with (
        scraping.answering(host="127.0.0.1", port=0, pages={}) as port,
        pytest.raises(OSError, match="in use"),
        scraping.answering(host="127.0.0.1", port=port, pages={}),
    ):
        pass
    with scraping.answering(host="127.0.0.1", port=port, pages={}) as again:
        assert again == port
