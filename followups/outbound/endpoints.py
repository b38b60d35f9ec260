"""The address of a receiver, taken apart once: what was checked is what is connected to."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST = 2000
_PORTS = {"https": 443, "http": 80}
_ODD = re.compile(r"[^\x21-\x7e]|\\")  # parsers differ about these


class EndpointError(ValueError):
    """It is no address that we send to; the message is for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect, and what to ask for there. `host` is lower case, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def endpoint(url: str, *, private: bool = False) -> Endpoint:
    """Reads a URL. Only `private` receivers may do without TLS. Raises EndpointError.

    >>> endpoint("https://hooks.example:8443/in?team=4")
    Endpoint(scheme='https', host='hooks.example', port=8443, path='/in?team=4')
    """
    if len(url) > LONGEST or _ODD.search(url):
        raise EndpointError("holds signs that a URL does not have; write names of hosts as xn--…")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EndpointError("is no URL") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise EndpointError("must start with https:// and the name of a host")
    if parts.scheme == "http" and not private:
        raise EndpointError("must start with https://; only receivers in a private network may use http://")
    if "@" in parts.netloc or parts.fragment:
        raise EndpointError("must hold neither a user, nor a password, nor a #: send those in no URL")
    if port == 0 or "%" in parts.netloc:
        raise EndpointError("is no URL")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.scheme, parts.hostname.rstrip("."), port or _PORTS[parts.scheme], path)
