"""E-mail addresses as they can be sent to: ASCII, with the name of the domain as DNS has it."""

import re

LONGEST, LONGEST_LOCAL = 254, 64  # RFC 5321, 4.5.3.1
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"((?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?=.*[a-z])(?!-)[a-z0-9-]{2,63}(?<!-)")


class MailboxError(ValueError):
    """Nothing can be sent there; the message says why, without the address."""


def mailbox(address: str) -> str:
    """The address to send to. Raises MailboxError.

    A part before the @ that is not ASCII needs SMTPUTF8 (RFC 6531) from every server on the way; few have it.

    >>> mailbox(" Ada@Bücher.example ")
    'Ada@xn--bcher-kva.example'
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local:
        raise MailboxError("this is no e-mail address")
    if not local.isascii():
        raise MailboxError("the part before the @ is not ASCII, which few mail servers take")
    try:
        plain = domain.encode("idna").decode().lower()
    except UnicodeError:
        raise MailboxError("the part after the @ is no name of a domain") from None
    if not _DOMAIN.fullmatch(plain):
        raise MailboxError("the part after the @ is no name of a domain")
    if not _LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL or len(local) + len(plain) >= LONGEST:
        raise MailboxError("this is no e-mail address")
    return f"{local}@{plain}"
