"""Django's SMTP backend, a connection for each thread, in bounded time; and what each failure means.

A message is handed over when the server has taken all of it and said so. Until it asks for the text (354)
nothing can have been delivered; from then until it answers, nobody but the server knows.
"""

import re
import smtplib
import ssl
from threading import local
from time import monotonic
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from followups.outbound.deadlines import Deadline, deadline

SECONDS = 30.0  # for all of it
MOST_SENT, MOST_IDLE = 100, 20.0  # messages over one connection, and seconds it is believed to be open
GO_AHEAD = 354
CLOSING = 421
# RFC 3463; longer numbers, which providers make up, would be taken for something personal
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,2}\.\d{1,2})(?!\d)")
# The server refuses us, not the recipient: it wants a login, or does not send on what comes from us.
_LOGIN = {530, 534, 535, 538}


class Refused(Exception):
    """The server did not take it. `code` is what it said; `ours` when not the recipient is the reason."""

    def __init__(self, said: str, *, code: int = 0, ours: bool = False) -> None:
        super().__init__(said)
        self.code, self.ours = code, ours

    @property
    def for_good(self) -> bool:
        """Whether another attempt would be refused as well."""
        return self.code >= 500 and not self.ours


class Unconfirmed(Exception):
    """It has the text, or some of it, and did not say what it does with it."""


class _Conversation(smtplib.SMTP):
    """Remembers what was said last, and shows its socket to the deadline."""

    said = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _line.conversation = self
        super().__init__(*args, **kwargs)

    def __del__(self) -> None:
        self.close()  # its thread has ended

    def getreply(self) -> tuple[int, bytes]:
        if _line.deadline is not None and self.sock is not None:
            _line.deadline.watch(self.sock)
        code, text = super().getreply()
        if _line.deadline is not None and _line.deadline.passed:
            self.close()
            raise smtplib.SMTPServerDisconnected("an answer that was cut short is none")
        self.said = code
        return code, text


class _OverTls(_Conversation, smtplib.SMTP_SSL):
    pass


class _Backend(EmailBackend):
    @property
    def connection_class(self) -> Any:
        return _OverTls if self.use_ssl else _Conversation


class _Line(local):
    """This thread's connection."""

    backend: _Backend | None = None
    conversation: _Conversation | None = None
    sent = 0
    used_at = 0.0
    deadline: Deadline | None = None

    def is_fresh(self) -> bool:
        return self.backend is not None and self.sent < MOST_SENT and monotonic() - self.used_at < MOST_IDLE


_line = _Line()


def send(mail: EmailMessage) -> str:
    """Hand it to the server; answers a receipt. Raises Refused and Unconfirmed."""
    with deadline(SECONDS) as until:
        _line.deadline = until
        try:
            return _sent(mail, until)
        finally:
            _line.deadline = None


def hang_up() -> None:
    """End this thread's connection; the next message makes another."""
    conversation, _line.conversation = _line.conversation, None
    _line.backend, _line.sent = None, 0
    if conversation is not None:
        conversation.close()  # without a word: QUIT would wait for an answer


def _sent(mail: EmailMessage, until: Deadline) -> str:
    kept = _line.is_fresh()
    try:
        return _attempt(mail)
    except (smtplib.SMTPException, OSError) as error:
        stale = kept and _has_ended(error) and not _in_doubt()
        told = None if stale else _meaning(error, until)
        hang_up()
        if told:
            raise told from error
    try:  # the server had closed the kept connection, as servers may
        return _attempt(mail)
    except (smtplib.SMTPException, OSError) as error:
        told = _meaning(error, until)
        hang_up()
        raise told from error


def _attempt(mail: EmailMessage) -> str:
    if not _line.is_fresh():
        hang_up()
        _line.backend = _Backend()
    assert _line.backend is not None  # noqa: S101 - made above
    _line.backend.open()
    _line.backend.send_messages([mail])
    _line.sent, _line.used_at = _line.sent + 1, monotonic()
    return "the mail server took it"


def _in_doubt() -> bool:
    return _line.conversation is not None and _line.conversation.said == GO_AHEAD


def _has_ended(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPServerDisconnected) or getattr(error, "smtp_code", 0) == CLOSING


def _meaning(error: Exception, until: Deadline) -> Exception:
    late = " in time" if until.passed else ""
    match error:
        case smtplib.SMTPRecipientsRefused():
            [(code, text)] = error.recipients.values()
            return Refused(_told(code, text), code=code, ours=code in _LOGIN or b"relay" in text.lower())
        case smtplib.SMTPDataError() if 400 <= error.smtp_code < 600:
            return Refused(_told(error.smtp_code, error.smtp_error), code=error.smtp_code)
        case smtplib.SMTPDataError():
            return Unconfirmed("the server answered with what is no answer")
        case _ if _in_doubt():
            return Unconfirmed(f"the server did not confirm{late} that it has the message")
        case smtplib.SMTPResponseException():  # of the greeting, a login, or the sender
            said = _told(error.smtp_code, error.smtp_error)
            return Refused(f"{said}, and refuses us", code=error.smtp_code, ours=True)
        case _:
            why = f"it did not answer{late}" if late else _why(error)
            return Refused(f"no connection to the mail server: {why}", ours=True)


def _told(code: int, text: bytes | str) -> str:
    """Codes alone: what servers write beside them holds addresses."""
    found = _ENHANCED.match(text.encode() if isinstance(text, str) else text)
    return f"the mail server answered {code}" + (f", {found[1].decode()}" if found else "")


def _why(error: Exception) -> str:
    match error:
        case smtplib.SMTPServerDisconnected():
            return "it hung up"
        case smtplib.SMTPNotSupportedError():
            return "it offers no TLS, or no login"
        case ssl.SSLCertVerificationError():
            return error.verify_message
        case _:
            return getattr(error, "strerror", None) or "it cannot be reached"
