"""Mail servers on this machine: one that works, and ones that misbehave at a chosen moment."""

import gc
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from followups.outbound import smtp


@dataclass
class Delivered:
    """A message as it arrived."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Taken apart."""
        return message_from_bytes(self.raw, policy=default)


@dataclass
class Box:
    """Where a server listens, and what it took."""

    port: int = 0
    delivered: list[Delivered] = field(default_factory=list)
    connections: int = 0
    accounts: Mapping[str, str] = field(default_factory=dict)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        """Counts those who come."""
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        """Takes it."""
        self.delivered.append(Delivered(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"

    def authenticate(self, server, session, envelope, mechanism, given) -> AuthResult:
        """Whether the account is one."""
        known = self.accounts.get(given.login.decode()) == given.password.decode()
        return AuthResult(success=known, handled=known)


@contextmanager
def post_office(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, accounts: Mapping[str, str] | None = None
) -> Iterator[Box]:
    """aiosmtpd. With `tls` it takes nothing in the clear."""
    box = Box(accounts=accounts or {})
    secured = {"ssl_context": tls} if implicit else {"tls_context": tls, "require_starttls": bool(tls)}
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=_free_port(),
        authenticator=box.authenticate,
        auth_required=bool(accounts),
        **secured,
    )
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        smtp.hang_up()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", ResourceWarning
            )  # it leaves the sockets of others to the collector
            controller.stop()
            gc.collect()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Reply = str | Callable[[socket.socket], None]
POLITE: Mapping[str, Reply] = {
    "": "220 here",  # the greeting
    "EHLO": "250 here",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go ahead",
    ".": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


def hang_up(client: socket.socket) -> None:
    """Without a word."""
    client.shutdown(socket.SHUT_RDWR)


def say_nothing(client: socket.socket) -> None:
    """Until the other side loses patience."""
    client.settimeout(30)
    with suppress(OSError):
        while client.recv(4096):
            pass


def drip(client: socket.socket) -> None:
    """A sign at a time, and never an end."""
    with suppress(OSError):
        while True:
            client.sendall(b"2")
            time.sleep(0.05)


@dataclass
class Scripted:
    """A server that says what the test wants, and remembers what it heard."""

    port: int
    replies: Mapping[str, Reply]
    heard: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def misbehaving(**changes: Reply) -> Iterator[Scripted]:
    """`rcpt="450 later"` answers so to RCPT; `greeting` and `text` are for the beginning and the end."""
    named = {"greeting": "", "text": "."}
    replies = {**POLITE, **{named.get(name, name.upper()): reply for name, reply in changes.items()}}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Scripted(listening.getsockname()[1], replies)
        threading.Thread(target=_accept, args=(listening, found), daemon=True).start()
        try:
            yield found
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, found: Scripted) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            found.connections += 1
            threading.Thread(target=_converse, args=(client, found), daemon=True).start()


def _converse(client: socket.socket, found: Scripted) -> None:
    with suppress(OSError, BrokenPipeError), client, client.makefile("rb") as lines:
        _reply(client, found, "")
        while line := lines.readline().decode():
            verb = line[:4].strip().upper()
            found.heard.append(verb)
            _reply(client, found, verb)
            if verb == "DATA" and str(found.replies["DATA"]).startswith("354"):
                while (text := lines.readline()) and text.rstrip() != b".":
                    pass
                if text:
                    found.heard.append(".")
                    _reply(client, found, ".")


def _reply(client: socket.socket, found: Scripted, verb: str) -> None:
    reply = found.replies.get(verb, "502 what")
    if callable(reply):
        reply(client)
    else:
        client.sendall(f"{reply}\r\n".encode())
