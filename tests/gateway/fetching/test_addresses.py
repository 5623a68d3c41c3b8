"""Which addresses are connected to: every special range of IPv4 and IPv6, at both of its ends."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from perisai.gateway.fetching.addresses import allowed

NEVER = (
    "0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 "
    "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32 ::/128 ::/96 "
    "::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/32 2001:2::/48 "
    "2001:10::/28 2001:20::/28 2001:db8::/32 2002::/16 3ffe::/16 3fff::/20 5f00::/16 "
    "fe80::/10 fec0::/10 ff00::/8 "
)
HOUSE = "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7 "
PUBLIC = (
    "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.255.255 "
    "172.32.0.0 169.253.255.255 192.0.1.1 193.0.0.1 198.17.255.255 198.20.0.0 223.255.255.255 "
    "2606:4700::1111 2a00:1450:4001::200e 2001:4860:4860::8888 2400:cb00::1 2003::1 "
)


def ends(network: str) -> tuple[str, str]:
    found = ip_network(network)
    first, last = str(found[0]), str(found[-1])
    return first, last


@pytest.mark.parametrize("network", NEVER.split())
def test_a_special_range_is_never_connected_to(network: str) -> None:
    for end in ends(network):
        if end == "::1":
            continue
        assert not allowed(ip_address(end))
        if network != "::/96":  # its upper half-million holds ::1, which a private one may use
            assert not allowed(ip_address(end), private=True)


@pytest.mark.parametrize("network", HOUSE.split())
def test_ones_own_house_is_connected_to_only_by_a_private_fetcher(network: str) -> None:
    for end in ends(network):
        assert not allowed(ip_address(end))
        assert allowed(ip_address(end), private=True)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_the_public_network_is_reached(address: str) -> None:
    assert allowed(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::1",
        "fe80::1%eth0",
    ],
)
def test_an_ipv4_address_in_ipv6_clothes_is_refused_even_to_a_private_fetcher(address: str) -> None:
    assert not allowed(ip_address(address), private=True)


def test_whatever_python_calls_special_is_refused() -> None:
    """A second opinion on the tables: the standard library's own."""
    for number in range(0, 2**32, 2**32 // 8_191):
        address = ip_address(number)
        if not address.is_global or address.is_multicast:
            assert not allowed(address), address
