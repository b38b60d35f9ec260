"""Where nothing is sent: whatever is no public address, in whatever way it is written."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.outbound import posting, resolving
from followups.outbound.addresses import Inside, inside, is_public
from followups.outbound.deadlines import Deadline
from followups.outbound.endpoints import EndpointError, endpoint

# IANA's special-purpose registries, and what clouds put at public addresses
SPECIAL_4 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
]  # fmt: skip
SPECIAL_6 = [
    "::/128", "::1/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48",
    "100::/64", "100:0:0:1::/64", "2001::/32", "2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32",
    "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
METADATA = [
    "169.254.169.254",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd20:ce::254",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "9.9.9.9", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
          "192.0.1.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
          "2a00:1450:4001::1", "2620:fe::fe", "2001:200::1", "2001:4860:4860::8888", "2003::1"]  # fmt: skip


def within(network: IPv4Network | IPv6Network) -> st.SearchStrategy[IPv4Address | IPv6Address]:
    """Addresses of it, its ends among them."""
    first, last = int(network.network_address), int(network.broadcast_address)
    kind = IPv4Address if network.version == 4 else IPv6Address
    return st.one_of(st.sampled_from([first, last]), st.integers(first, last)).map(kind)


special_4 = st.sampled_from(SPECIAL_4).map(IPv4Network).flatmap(within)
special_6 = st.sampled_from(SPECIAL_6).map(IPv6Network).flatmap(within)
any_4 = st.integers(0, 2**32 - 1).map(IPv4Address)


def spellings(address: IPv4Address) -> list[str]:
    """How the C library lets one write it."""
    number = int(address)
    a, b, c, d = address.packed
    return [
        str(address), str(number), hex(number), f"0{number:o}", f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{number & 0xFFFF}",
        f"0{a:o}.{b}.0x{c:X}.{d}",
    ]  # fmt: skip


def spellings_6(address: IPv6Address) -> list[str]:
    """As RFC 4291 lets one write it."""
    dotted = f"{address.exploded[:29]}:{IPv4Address(int(address) & 0xFFFFFFFF)}"
    return [str(address), address.exploded, address.exploded.upper(), dotted]


def is_reached(host: str) -> bool:
    """Whether a receiver there would be connected to."""
    try:
        place = endpoint(f"https://{host}/in")
    except EndpointError:
        return False
    try:
        return bool(posting.reachable(place, Inside(), Deadline(5)))
    except posting.NotSent:
        return False


@given(st.one_of(special_4, special_6))
def test_no_special_address_is_public(address):
    assert not is_public(address)


@given(special_4, st.data())
def test_no_special_ipv4_address_is_reached_however_it_is_written(address, data):
    assert not is_reached(data.draw(st.sampled_from(spellings(address))))


@given(special_6, st.data())
def test_no_special_ipv6_address_is_reached_however_it_is_written(address, data):
    assert not is_reached(f"[{data.draw(st.sampled_from(spellings_6(address)))}]")


@given(
    any_4,
    st.sampled_from(["::ffff:0:0", "::", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::", "64:ff9b:1:ffff::"]),
)
def test_no_ipv4_address_is_carried_in_another(address, carrier):
    assert not is_public(IPv6Address(int(IPv6Address(carrier)) | int(address)))


@given(any_4, st.integers(0, 2**80 - 1), st.sampled_from([0x00005EFE, 0x02005EFE]))
def test_nor_in_a_tunnel(address, rest, isatap):
    assert not is_public(IPv6Address((0x2002 << 112) | (int(address) << 80) | rest))
    assert not is_public(IPv6Address((0x20010000 << 96) | (rest << 16 & (2**96 - 1))))
    assert not is_public(IPv6Address((0x2A001450 << 96) | (isatap << 32) | int(address)))


@given(st.one_of(any_4, st.integers(0, 2**128 - 1).map(IPv6Address)))
def test_python_calls_no_address_special_that_is_public(address):
    if is_public(address):
        names = ("private", "reserved", "multicast", "loopback", "link_local", "unspecified")
        assert [name for name in names if getattr(address, f"is_{name}")] == []
        carried = [getattr(address, name, None) for name in ("ipv4_mapped", "sixtofour", "teredo")]
        assert (address.is_global, carried) == (True, [None, None, None])


@pytest.mark.parametrize("address", METADATA)
def test_the_metadata_of_clouds_is_not_reached(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_reached(address):
    assert is_public(ip_address(address))
    assert is_reached(f"[{address}]" if ":" in address else address)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "127.1", "0", "[::1%25lo]", "[::]", "[v1.x]"]
)
def test_no_name_of_this_machine_is_reached(host):
    assert not is_reached(host)


def test_of_a_name_only_the_public_addresses_are_used(monkeypatch):
    found = tuple(map(ip_address, ("10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111")))
    monkeypatch.setattr(resolving, "looked_up", lambda host: found)
    monkeypatch.setattr(resolving, "resolver", resolving.Resolver())
    reached = posting.reachable(endpoint("https://mixed.example/"), Inside(), Deadline(5))
    assert [str(address) for address in reached] == ["1.1.1.1", "2606:4700::1111"]


def test_a_setting_allows_networks_and_names():
    places = inside(["10.1.0.0/16", "fd00:1::/32", "CRM.internal", "192.168.7.9"])
    assert places.holds("anything", ip_address("10.1.2.3"))
    assert places.holds("anything", ip_address("fd00:1::5"))
    assert places.holds("anything", ip_address("192.168.7.9"))
    assert places.holds("crm.internal", ip_address("172.16.0.1"))
    assert not places.holds("not-crm.internal", ip_address("172.16.0.1"))
    assert not places.holds("anything", ip_address("10.2.0.1"))
    assert not places.holds("anything", ip_address("::ffff:10.1.2.3"))


@pytest.mark.parametrize(
    "entry", ["10.1.0.1/16", "10.1", "crm internal", "https://crm", "-x", "crm.", "", "300.1.1.1"]
)
def test_a_setting_that_is_nonsense_is_refused(entry):
    with pytest.raises(ValueError, match="neither a network"):
        inside([entry])
