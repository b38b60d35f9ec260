"""URLs of receivers: what is taken, what is refused, and that both sides read the same in them."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from followups.outbound.endpoints import Endpoint, EndpointError, endpoint


@pytest.mark.parametrize(
    ("url", "found", "authority"),
    [
        ("https://hooks.example", Endpoint("https", "hooks.example", 443, "/"), "hooks.example"),
        (
            "HTTPS://Hooks.Example:443/In?a=B",
            Endpoint("https", "hooks.example", 443, "/In?a=B"),
            "hooks.example",
        ),
        ("https://hooks.example:8443/", Endpoint("https", "hooks.example", 8443, "/"), "hooks.example:8443"),
        ("https://hooks.example./x", Endpoint("https", "hooks.example", 443, "/x"), "hooks.example"),
        ("https://[2606:4700::1111]/x", Endpoint("https", "2606:4700::1111", 443, "/x"), "[2606:4700::1111]"),
        ("https://hooks.example?x=1", Endpoint("https", "hooks.example", 443, "/?x=1"), "hooks.example"),
    ],
)
def test_it_reads(url, found, authority):
    assert endpoint(url) == found
    assert found.authority == authority


def test_a_private_receiver_may_do_without_tls():
    assert endpoint("http://crm.internal/in", private=True) == Endpoint("http", "crm.internal", 80, "/in")
    with pytest.raises(EndpointError, match="https://"):
        endpoint("http://crm.internal/in")


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example", "//hooks.example", "ftp://hooks.example", "file:///etc/passwd", "https://", "https:///x",
        "gopher://hooks.example", "https://ada@hooks.example/", "https://ada:pw@hooks.example/", "https://hooks.example/#x",
        "https://hooks.example:0/", "https://hooks.example:65536/", "https://hooks.example:x/",
        "https://hooks.example\\@10.0.0.1/", "https://h%6Foks.example/",
        "https://hooks.example /", "https://hooks.example/\r\nHost: x", "https://hooks.example/\tx",
        "https://grün.example/", "https://[::1", "https://[fe80::1%25eth0]/", "https://@10.0.0.1/",
        "https://" + "x" * 2000, "https://hooks.example/\x00", "https://ⓔxample.com/",
    ],
)  # fmt: skip
def test_it_refuses(url):
    with pytest.raises(EndpointError):
        endpoint(url)


@given(st.text("abc.:/@#?%[]\\-0x1 ", max_size=30))
def test_what_it_takes_other_parsers_read_alike(rest):
    try:
        found = endpoint(f"https://{rest}")
    except EndpointError:
        return
    for host in (urlsplit(f"https://{rest}").hostname, parse_url(f"https://{rest}").host):
        assert host.strip("[]").lower().rstrip(".") == found.host
