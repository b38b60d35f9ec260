"""Which addresses a message may be sent to: public ones, and private ones that a setting allows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA's registries of special-purpose addresses, spelled out: what `is_global` knows differs between releases
# of Python. Last, what is public by the registry and inside by its use.
_SPECIAL_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32",  # Azure's own services, of each of its machines
        ),
    )
)  # fmt: skip
# Only this is given to networks. Outside of it are loopback, link-local, unique local and multicast, and the
# forms that carry an IPv4 address: mapped, translated, compatible, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48).
_UNICAST_6 = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols, with Teredo, ORCHID and benchmarks
            "2001:db8::/32", "3fff::/20",  # documentation
            "2002::/16",  # 6to4, which carries an IPv4 address
        ),
    )
)  # fmt: skip
_ISATAP = (0x00005EFE, 0x02005EFE)  # the middle of an address that carries an IPv4 address at its end

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


def is_public(address: Address) -> bool:
    """Whether it belongs to the internet, and to no machine or network of ours."""
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return address in _UNICAST_6 and not any(address in network for network in _SPECIAL_6)


@dataclass(frozen=True, slots=True)
class Inside:
    """The private places that receivers may be at: networks, and names of hosts with all they resolve to."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = field(default_factory=frozenset)

    def holds(self, host: str, address: Address) -> bool:
        """Whether this host at this address is one."""
        return host in self.hosts or any(address in network for network in self.networks)


def inside(entries: Iterable[str]) -> Inside:
    """Reads `10.1.0.0/16` and `crm.internal`. Raises ValueError, which names the entry."""
    networks, hosts = [], set()
    for entry in entries:
        if _HOST.fullmatch(entry.lower()) and not re.fullmatch(r"[0-9.]+", entry):
            hosts.add(entry.lower())
            continue
        try:
            networks.append(ip_network(entry))
        except ValueError:
            raise ValueError(
                f"{entry!r}, which is neither a network, such as 10.1.0.0/16, nor a name of a host"
            ) from None
    return Inside(tuple(networks), frozenset(hosts))
