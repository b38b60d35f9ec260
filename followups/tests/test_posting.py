"""How a request leaves: to the checked address, with TLS for the name, in bounded time, following nothing."""

import os
import socket
import time
from ipaddress import ip_address

import pytest

from followups.outbound import posting, resolving
from followups.outbound.addresses import Inside, inside
from followups.outbound.deadlines import Deadline, deadline
from followups.outbound.endpoints import endpoint
from followups.outbound.posting import NotSent, Unanswered
from followups.tests.web_sinks import answering, certified, sink

HERE = inside(["127.0.0.0/8"])


def resolving_to(monkeypatch, *addresses: str) -> list[str]:
    """Every name means these addresses, for this test; the names that were asked for."""
    asked = []

    def looked_up(host):
        asked.append(host)
        return tuple(map(ip_address, addresses))

    monkeypatch.setattr(resolving, "looked_up", looked_up)
    monkeypatch.setattr(resolving, "resolver", resolving.Resolver())
    return asked


@pytest.fixture
def trusting(monkeypatch, tmp_path):
    """Connections that trust the certificate of a test."""
    tls, trusted = certified(tmp_path, "hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    posting._context.cache_clear()
    posting._kept.cache_clear()
    yield tls
    posting._context.cache_clear()
    posting._kept.cache_clear()


def post(url: str, *, places: Inside = HERE, **options):
    """As the channel does it."""
    headers = {"Content-Type": "application/json"}
    return posting.post(endpoint(url, private=True), body=b"{}", headers=headers, inside=places, **options)


def test_it_talks_tls_with_the_name_to_the_address(monkeypatch, trusting):
    asked = resolving_to(monkeypatch, "127.0.0.1")
    with sink(tls=trusting) as server:
        for _ in range(2):
            assert post(f"https://hooks.example:{server.port}/in").status == 204
    assert (len(server.requests), server.connections) == (2, 1)
    assert server.requests[0].headers["host"] == f"hooks.example:{server.port}"
    assert asked == ["hooks.example"]  # once, and never again by whoever connects


def test_a_certificate_for_another_name_is_none(monkeypatch, trusting):
    resolving_to(monkeypatch, "127.0.0.1")
    with sink(tls=trusting) as server:
        for name in ("other.example", "127.0.0.1"):
            with pytest.raises(NotSent, match="not valid for"):
                post(f"https://{name}:{server.port}/in")
    assert server.requests == []


def test_a_certificate_that_nobody_signed_is_none(monkeypatch, tmp_path):
    resolving_to(monkeypatch, "127.0.0.1")
    tls, _ = certified(tmp_path, "hooks.example")
    with sink(tls=tls) as server, pytest.raises(NotSent, match="self-signed"):
        post(f"https://hooks.example:{server.port}/in")
    assert server.requests == []


def test_a_name_that_moves_inside_after_it_was_looked_at_gets_nothing(monkeypatch):
    resolving_to(monkeypatch, "127.0.0.1")
    with sink() as server:
        for url in (f"https://hooks.example:{server.port}/", f"http://hooks.example:{server.port}/"):
            with pytest.raises(NotSent, match="private network"):
                post(url, places=Inside())
    assert server.connections == 0


def test_without_tls_only_places_that_the_setting_allows_are_reached(monkeypatch):
    resolving_to(monkeypatch, "1.1.1.1")
    with pytest.raises(NotSent, match="https only"):
        post("http://crm.internal/")


def test_a_name_of_the_setting_is_reached_wherever_it_is(monkeypatch):
    resolving_to(monkeypatch, "127.0.0.1")
    with sink() as server:
        assert post(f"http://crm.internal:{server.port}/", places=inside(["crm.internal"])).status == 204


def test_where_one_address_is_dead_the_next_is_taken(monkeypatch):
    resolving_to(monkeypatch, "127.0.0.9", "127.0.0.1")
    with sink() as server:
        assert post(f"http://crm.internal:{server.port}/").status == 204


def test_no_proxy_of_the_environment_is_asked(monkeypatch):
    with sink() as proxy, sink() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        post(f"http://127.0.0.1:{server.port}/")
    assert (proxy.connections, server.connections) == (0, 1)


def test_it_goes_nowhere_it_is_sent_on_to():
    with sink() as elsewhere, sink() as server:
        server.talk = answering("307 Go", f"Location: http://127.0.0.1:{elsewhere.port}/")
        assert post(f"http://127.0.0.1:{server.port}/").status == 307
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "path", ["//elsewhere.example/x", "/x/../y?u=http://elsewhere.example/", "/?@elsewhere.example"]
)
def test_no_path_leads_elsewhere(path):
    with sink() as server:
        assert post(f"http://127.0.0.1:{server.port}{path}").status == 204
    assert server.requests[0].headers["host"] == f"127.0.0.1:{server.port}"


def test_of_a_long_answer_it_reads_the_beginning():
    with sink(answering("200 OK", body=b"x" * 1_000_000)) as server:
        for _ in range(2):
            assert post(f"http://127.0.0.1:{server.port}/").body == b"x" * posting.MOST_READ
    assert server.connections == 2  # the rest is read by nobody


def test_an_answer_without_an_end_is_an_answer():
    def endless(client: socket.socket, request) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            client.sendall(b"1\r\nx\r\n")
            time.sleep(0.01)

    with sink(endless) as server:
        assert post(f"http://127.0.0.1:{server.port}/", seconds=0.3).status == 200


def dripping(text: bytes):
    """A byte now and then: each in time, all of them never."""

    def talk(client: socket.socket, request) -> None:
        client.sendall(text)
        while True:
            client.sendall(b"x")
            time.sleep(0.02)

    return talk


@pytest.mark.parametrize("text", [b"", b"HTTP/1.1 "])
def test_an_answer_that_drips_is_not_waited_for(text):
    with sink(dripping(text)) as server, pytest.raises(Unanswered, match="too long"):
        post(f"http://127.0.0.1:{server.port}/", seconds=0.3)


def test_neither_is_one_over_tls(monkeypatch, trusting):
    resolving_to(monkeypatch, "127.0.0.1")
    with sink(dripping(b"HTTP/1.1 "), tls=trusting) as server, pytest.raises(Unanswered, match="too long"):
        post(f"https://hooks.example:{server.port}/", seconds=0.4)


def test_once_the_status_is_there_the_headers_may_drip_as_they_like():
    with sink(dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ")) as server:
        assert post(f"http://127.0.0.1:{server.port}/", seconds=0.3).status == 200


def test_nor_is_silence():
    with sink(lambda client, request: time.sleep(1)) as server, pytest.raises(Unanswered):
        post(f"http://127.0.0.1:{server.port}/", seconds=0.2)
    assert len(server.requests) == 1


def test_a_server_that_never_shakes_hands_got_nothing(monkeypatch):
    resolving_to(monkeypatch, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(NotSent):
        post(f"https://hooks.example:{mute.getsockname()[1]}/", seconds=0.2)


def test_no_header_of_an_answer_is_too_many():
    many = "\r\n".join(f"X-{number}: y" for number in range(500))
    with sink(answering("200 OK", many)) as server, pytest.raises(Unanswered):
        post(f"http://127.0.0.1:{server.port}/")


def test_what_is_no_http_is_no_answer():
    talk = lambda client, request: client.sendall(b"SSH-2.0-hello\r\n\r\n")  # noqa: E731
    with sink(talk) as server, pytest.raises(Unanswered):
        post(f"http://127.0.0.1:{server.port}/")


def test_a_kept_connection_that_was_closed_meanwhile_is_made_again():
    def once(client: socket.socket, request) -> None:
        answering()(client, request)
        client.shutdown(socket.SHUT_RDWR)

    with sink(once) as server:
        post(f"http://127.0.0.1:{server.port}/")
        time.sleep(0.05)
        assert post(f"http://127.0.0.1:{server.port}/").status == 204
    assert server.connections == 2


def test_a_name_that_is_not_resolved_in_time_is_asked_for_once(monkeypatch):
    asked = []

    def hanging(host):
        asked.append(host)
        time.sleep(0.5)
        return (ip_address("1.1.1.1"),)

    monkeypatch.setattr(resolving, "looked_up", hanging)
    resolver = resolving.Resolver()
    for _ in range(3):
        with pytest.raises(resolving.Unresolved, match="in time"):
            resolver.addresses("hooks.example", seconds=0.01)
    assert resolver.addresses("hooks.example", seconds=5) == (ip_address("1.1.1.1"),)
    assert asked == ["hooks.example"]


def test_a_name_that_nobody_has_is_asked_for_again(monkeypatch):
    found: list[tuple] = []

    def looked_up(host):
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return found[0]

    monkeypatch.setattr(resolving, "looked_up", looked_up)
    resolver = resolving.Resolver()
    with pytest.raises(resolving.Unresolved, match="unknown"):
        resolver.addresses("hooks.example", seconds=1)
    found.append((ip_address("1.1.1.1"),))
    assert resolver.addresses("hooks.example", seconds=1) == found[0]


def test_a_deadline_shuts_what_it_was_shown_and_nothing_after_it_was_met():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        with deadline(0.05) as met:
            met.watch(mine)
        with deadline(0.05) as missed:
            missed.watch(theirs)
            assert theirs.recv(1) == b""
        assert (met.passed, missed.passed) == (False, True)


def _was_shut() -> bool:
    mine, theirs = socket.socketpair()
    with mine, theirs, deadline(0.05) as missed:
        mine.settimeout(10)
        missed.watch(mine)
        return mine.recv(1) == b"" and missed.passed


def test_a_process_that_was_forked_keeps_its_own_deadlines():
    with deadline(60):  # the thread that looks at them runs, and stays in this process
        child = os.fork()
        if child == 0:
            ended: object = None
            try:
                ended = _was_shut() and resolving.resolver.addresses("127.0.0.1", seconds=10)
            finally:
                os._exit(0 if ended else 1)
        _, status = os.waitpid(child, 0)
    assert status == 0


def test_a_deadline_that_passed_shuts_what_it_is_shown_later():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        late = Deadline(0)
        late.pass_by()
        late.watch(mine)
        assert theirs.recv(1) == b""
