"""Servers on this machine that answer as a test says: what receivers of webhooks do, well and badly."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Request:
    """One that came in."""

    line: str
    headers: dict[str, str]
    body: bytes


Talk = Callable[[socket.socket, Request], None]


@dataclass
class Sink:
    """What a server heard. `talk` writes the answer; a connection is kept until it is closed by one side."""

    port: int
    talk: Talk
    requests: list[Request] = field(default_factory=list)
    connections: int = 0


def answering(status: str = "204 No Content", *lines: str, body: bytes = b"") -> Talk:
    """A well-formed answer."""
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines, "", ""))
    return lambda client, request: client.sendall(head.encode() + body)


def hanging_up(client: socket.socket, request: Request) -> None:
    """No answer."""
    client.shutdown(socket.SHUT_RDWR)


@contextmanager
def sink(talk: Talk | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[Sink]:
    """A server that is there as long as the test needs it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Sink(listening.getsockname()[1], talk or answering())
        ended = threading.Event()
        threading.Thread(target=_accept, args=(listening, found, tls, ended), daemon=True).start()
        try:
            yield found
        finally:
            ended.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _accept(
    listening: socket.socket, found: Sink, tls: ssl.SSLContext | None, ended: threading.Event
) -> None:
    while not ended.is_set():
        try:
            client, _ = listening.accept()
        except OSError:
            return
        found.connections += 1
        threading.Thread(target=_serve, args=(client, found, tls), daemon=True).start()


def _serve(client: socket.socket, found: Sink, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError), client:
        talking = tls.wrap_socket(client, server_side=True) if tls else client
        with talking, talking.makefile("rb") as stream:
            while (request := _read(stream)) is not None:
                found.requests.append(request)
                found.talk(talking, request)


def _read(stream) -> Request | None:
    line = stream.readline().decode().strip()
    if not line:
        return None
    headers = {}
    while text := stream.readline().decode().strip():
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    return Request(line, headers, stream.read(int(headers.get("content-length", 0))))


def certified(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for these names, and the file that makes a client trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted = folder / "trusted.pem"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = folder / "private.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
