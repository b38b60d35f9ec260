"""Receivers of webhooks as people make, change and disable them. The only writer of these rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from time import monotonic

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from followups.models import Receiver
from followups.outbound import addresses
from followups.outbound.addresses import Inside
from followups.outbound.endpoints import EndpointError, endpoint
from followups.outbound.signatures import new_secret
from privacy.encryption import UnreadableContact
from privacy.keeping import kept
from privacy.kinds import Surface

log = structlog.get_logger(__name__)
BOTH_SIGN = timedelta(hours=24)  # after a secret was replaced: time to tell the receiver the new one
KNOWN_SECONDS = 1.0


class ReceiverError(Exception):
    """What was asked for does not fit; `field` is what to change, the message is for who asked."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


def create(
    *,
    name: str,
    url: str,
    author: str,
    now: datetime,
    private: bool = False,
    gets_contact: bool = False,
    deduplicates: bool = True,
) -> tuple[Receiver, str]:
    """A new receiver, and its secret: it is told here and never again. Raises ReceiverError."""
    checked(url=url, private=private)
    secret = new_secret()
    try:
        with transaction.atomic():
            receiver = Receiver.objects.create(
                name=name.strip(),
                url=url,
                secrets={"current": secret},
                private=private,
                gets_contact=gets_contact,
                deduplicates=deduplicates,
                created_by=author[:150],
                created_at=now,
            )
    except IntegrityError as taken:
        raise ReceiverError("name", f"there is a receiver named {name.strip()!r} already") from taken
    _changed("receiver_created", receiver, by=author)
    return receiver, secret


def change(
    *, receiver: Receiver, url: str, private: bool, gets_contact: bool, deduplicates: bool, author: str
) -> None:
    """Where it is and what it gets, from the next message on. Raises ReceiverError."""
    checked(url=url, private=private)
    Receiver.objects.filter(pk=receiver.pk).update(
        url=url, private=private, gets_contact=gets_contact, deduplicates=deduplicates
    )
    receiver.refresh_from_db()
    _changed("receiver_changed", receiver, by=author)


def checked(*, url: str, private: bool) -> None:
    """Raises ReceiverError for an address that nothing can be sent to, whatever it resolves to."""
    try:
        endpoint(url, private=private)
    except EndpointError as error:
        raise ReceiverError("url", str(error)) from error
    if private and inside() == Inside():
        raise ReceiverError(
            "private", "needs FOLLOWUP_PRIVATE_RECEIVERS, which allows no network and no host"
        )


def replace_secret(*, receiver: Receiver, author: str, now: datetime) -> str:
    """A new secret, told here and never again. For a day messages are signed with the old one as well.

    It heals a receiver whose secret no listed key reads.
    """
    secret = new_secret()
    with transaction.atomic():
        held = Receiver.objects.defer("secrets").select_for_update().get(pk=receiver.pk)
        try:
            earlier = {"previous": held.secrets["current"]}
        except UnreadableContact:
            earlier = {}
        held.secrets = {"current": secret, **earlier}
        held.replaced_at = now
        held.save(update_fields=["secrets", "replaced_at"])
    _changed("receiver_secret_replaced", receiver, by=author)
    return secret


def disable(*, receiver: str, why: str, now: datetime, actor: str) -> None:
    """Nothing more goes there, by its name; one that is disabled keeps its first reason."""
    safe = kept(why.strip(), surface=Surface.SWITCH_REASON)[:200] or "nobody said why"
    if Receiver.objects.filter(name=receiver, disabled_at=None).update(disabled_at=now, disabled_why=safe):
        log.warning("receiver_disabled", receiver=receiver, by=actor)
    known.forget()


def enable(*, receiver: Receiver, actor: str) -> None:
    """It gets messages again; those that came in between are not sent later."""
    Receiver.objects.filter(pk=receiver.pk).update(disabled_at=None, disabled_why="")
    receiver.refresh_from_db()
    _changed("receiver_enabled", receiver, by=actor)


def secrets_of(receiver: Receiver, *, now: datetime) -> tuple[str, ...]:
    """What messages are signed with now. Raises UnreadableContact when no listed key reads them."""
    secrets: Mapping[str, str] = receiver.secrets
    if receiver.replaced_at and now < receiver.replaced_at + BOTH_SIGN and "previous" in secrets:
        return (secrets["current"], secrets["previous"])
    return (secrets["current"],)


def inside() -> Inside:
    """The private places that receivers may be at."""
    return _inside(tuple(settings.FOLLOWUP_PRIVATE_RECEIVERS))


@cache
def _inside(entries: tuple[str, ...]) -> Inside:
    return addresses.inside(entries)


class _Known:
    """Receivers by name, each read once a second: a thousand messages do not ask a thousand times."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_name: dict[str, tuple[float, Receiver | None]] = {}

    def get(self, name: str) -> Receiver | None:
        """As it was at most a second ago; its secrets are read when they are asked for."""
        with self._lock:
            read_at, found = self._by_name.get(name, (float("-inf"), None))
            if monotonic() - read_at > KNOWN_SECONDS:
                found = Receiver.objects.defer("secrets").filter(name=name).first()
                self._by_name[name] = monotonic(), found
            return found

    def forget(self) -> None:
        """Read again next time."""
        with self._lock:
            self._by_name.clear()


known = _Known()


def _changed(event: str, receiver: Receiver, *, by: str) -> None:
    known.forget()
    log.info(event, receiver=receiver.pk, by=by)
