"""nginx.conf: what it says fits the settings, and a real nginx, where there is one, does what it says."""

import contextlib
import os
import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import Client
from django.utils.timezone import now

from customerops.tests import tools
from customerops.tests.deploy.files import DEPLOY, services
from customerops.tests.servers import free_port
from customerops.tests.test_settings import told

TEXT = (DEPLOY / "nginx.conf").read_text()
LIMIT = int(told()["MAX_BODY_BYTES"][0].strip("`"))


def test_it_takes_bodies_as_large_as_we_do_and_goes_where_the_web_server_is():
    assert re.search(r"client_max_body_size (\d+); # MAX_BODY_BYTES", TEXT)[1] == str(LIMIT)
    assert "set $upstream api:8000;" in TEXT
    ports = {port.split(":")[1] for port in services()["proxy"]["ports"]}
    assert ports == set(re.findall(r"listen (\d+)", TEXT))
    assert all(
        path in TEXT
        for path in ("/etc/nginx/certificates/fullchain.pem", "/etc/nginx/certificates/privkey.pem")
    )


def test_what_a_caller_says_of_the_protocol_is_not_believed():
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in TEXT


def test_nothing_that_people_typed_is_logged():
    [logged] = re.findall(r"log_format discreet '(.+)';", TEXT)
    assert (
        set(re.findall(r"\$(\w+)", logged))
        & {"request", "request_uri", "args", "http_referer", "remote_addr"}
        == set()
    )


class Echo(BaseHTTPRequestHandler):
    """Stands where the web server is, and tells what arrived there."""

    def do_POST(self) -> None:
        length = len(self.rfile.read(int(self.headers["Content-Length"])))
        said = f"{self.headers['Host']} {self.headers['X-Forwarded-Proto']} {self.path} {length}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST  # noqa: N815 - http.server's name

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def certificate(folder: Path) -> None:
    """One for this test, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "customerops.example")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


@contextlib.contextmanager
def upstream() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(tmp_path) -> Iterator[tuple[int, int]]:
    """The plain and the TLS port of a real nginx with our file, changed only in where things are."""
    nginx = tools.nginx()
    certificate(tmp_path)
    plain, tls = free_port(), free_port()
    with upstream() as port:
        changes = {
            "/tmp/": f"{tmp_path}/",  # noqa: S108
            "/etc/nginx/certificates": str(tmp_path),
            "listen 8080": f"listen 127.0.0.1:{plain}",
            "listen 8443": f"listen 127.0.0.1:{tls}",
            "api:8000": f"127.0.0.1:{port}",
            # pytest's folders are closed to the account that root's nginx would become
            "worker_processes auto": ("user root; " if os.geteuid() == 0 else "") + "worker_processes 1",
        }
        here = re.sub("|".join(changes), lambda found: changes[found[0]], TEXT)
        (tmp_path / "nginx.conf").write_text(here)
        command = [nginx, "-c", str(tmp_path / "nginx.conf"), "-g", "daemon off;", "-e", "/dev/stderr"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(tls)
            yield plain, tls
        finally:
            process.terminate()
            assert process.wait(20) == 0


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),
            contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=1)) as probe,
        ):
            probe.connect()
            return
        time.sleep(0.05)


def asked(
    port: int, method: str, path: str, body: bytes = b"", *, tls: bool = True, **headers: str
) -> tuple[int, str]:
    """Status, and what arrived behind (or where we are sent)."""
    trusting = ssl._create_unverified_context()  # noqa: S323 - it is our own certificate
    made = (
        HTTPSConnection("127.0.0.1", port, timeout=20, context=trusting)
        if tls
        else HTTPConnection("127.0.0.1", port, timeout=20)
    )
    with contextlib.closing(made) as connection:
        connection.request(
            method, path, body, {"Host": "customerops.example", "Content-Length": str(len(body))} | headers
        )
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location") or answer.read().decode()


def test_it_hands_whole_requests_on_with_the_protocol_it_saw(proxy):
    _, tls = proxy
    lies = {"X-Forwarded-Proto": "http"}
    assert asked(tls, "POST", "/v1/leads?x=1", b"12345", **lies) == (
        200,
        "customerops.example https /v1/leads?x=1 5",
    )
    assert asked(tls, "POST", "/v1/leads", b"0" * LIMIT)[0] == 200
    assert asked(tls, "POST", "/v1/leads", b"0" * (LIMIT + 1))[0] == 413


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/%6detrics", "//metrics", "/v1/../metrics", "/metrics?x=1"]
)
def test_metrics_stay_inside_however_they_are_spelled(proxy, path):
    assert asked(proxy[1], "GET", path)[0] == 404


def test_plain_callers_are_sent_to_tls_with_what_they_asked(proxy):
    assert asked(proxy[0], "POST", "/v1/leads?x=1", tls=False) == (
        308,
        "https://customerops.example/v1/leads?x=1",
    )


@pytest.mark.django_db
def test_the_web_server_believes_the_proxy_and_answers_scrapes_without_one(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert Client().get("/docs").status_code == 301
    assert Client().get("/docs", headers={"X-Forwarded-Proto": "https"}).status_code == 200
    for path in ("/healthz", "/metrics"):
        assert Client().get(path).status_code == 200
