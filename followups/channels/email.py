"""E-mail to the person, as plain text, with a way out in it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import parseaddr
from typing import ClassVar

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

from followups.channels.base import Channel, NoAnswer, NotNow, Outgoing, Undeliverable
from followups.models import Reason
from followups.outbound import smtp
from followups.outbound.mailboxes import MailboxError, mailbox
from followups.policy import Step

log = structlog.get_logger(__name__)
NEEDED = ("EMAIL_HOST", "EMAIL_URL"), ("FOLLOWUP_FROM", "FOLLOWUP_FROM"), ("PUBLIC_URL", "PUBLIC_URL")
WAY_OUT = "If you would rather not hear from us:"


class Email(Channel):
    """To the lead's own address. No server ignores a message because it had its Message-ID before."""

    name = "email"
    longest: ClassVar[timedelta] = timedelta(seconds=60)
    # the first is long enough for servers that turn everybody away once
    retries: ClassVar[Sequence[timedelta]] = (
        timedelta(minutes=6), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8),
    )  # fmt: skip

    def faults(self, step: Step) -> Mapping[str, str]:
        """It takes a subject, and a server that is set up."""
        found = {}
        if missing := _missing():
            found["channel"] = f"needs {missing}, which this installation has not set"
        if not step.subject.strip():
            found["subject"] = "an e-mail needs one"
        if step.receiver:
            found["receiver"] = "an e-mail goes to the lead: leave it empty"
        return found

    def target(self, step: Step, contact: Mapping[str, str]) -> str:
        """The person's address, as servers read it."""
        if missing := _missing():
            log.error("email_not_set_up", missing=missing)
            raise NotNow(f"e-mail is not set up: {missing}")
        if not contact.get("email", "").strip():
            raise Undeliverable("the lead has no e-mail address", reason=Reason.NO_ADDRESS)
        try:
            return mailbox(contact["email"])
        except MailboxError as error:
            raise Undeliverable(str(error), reason=Reason.NO_ADDRESS) from error

    def deliver(self, message: Outgoing, target: str) -> str:
        """To the next server; from there on it is that one's."""
        mail = composed(message, target)
        try:
            return smtp.send(mail)
        except smtp.Unconfirmed as error:
            raise NoAnswer(str(error)) from error
        except smtp.Refused as error:
            if error.for_good:
                raise Undeliverable(str(error)) from error
            if error.ours:
                log.error("email_not_accepted", error=str(error))
            raise NotNow(str(error)) from error


def composed(message: Outgoing, address: str) -> EmailMessage:
    """The message. Raises Undeliverable when it would not be the one that was meant."""
    if any(sign in message.subject for sign in "\r\n"):
        raise Undeliverable("the subject has a line break", reason=Reason.UNSENDABLE)
    url = message.unsubscribe_url
    body = message.body if url in message.body else f"{message.body}\n\n-- \n{WAY_OUT}\n{url}\n"
    _, sender = parseaddr(settings.FOLLOWUP_FROM)
    headers = {
        "Message-ID": f"<{message.id}@{sender.rpartition('@')[2]}>",  # the same in every attempt
        "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's absence answers it
        "Precedence": "bulk",
    }
    if url:  # RFC 2369, and RFC 8058 for the button of mail programs
        headers |= {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(message.subject, body, settings.FOLLOWUP_FROM, [address], headers=headers)


def _missing() -> str:
    return ", ".join(variable for name, variable in NEEDED if not getattr(settings, name))
