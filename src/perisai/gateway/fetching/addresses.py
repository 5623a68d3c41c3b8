"""Which network addresses may be connected to.

Source: IANA's registries of special-purpose addresses, IPv4 and IPv6 (RFC 6890 and what was added
since). They are written out here because ``ipaddress`` judges some ranges differently from one
Python release to the next, and because IPv6 ranges that carry an IPv4 address must be refused even
where the registry calls them global.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_HOUSE_4 = tuple(
    IPv4Network(each)
    for each in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
_HOUSE_6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
"""Where the parts of one's own house live; reached only by a fetcher that is ``private``."""

_NEVER_4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network, unspecified
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
"""All that IANA has given out. Outside of it lie IPv4-mapped (::ffff:0:0/96) and IPv4-compatible
(::/96) addresses, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), link-local, multicast and SRv6."""
_NEVER_6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks, AS112 and others
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the 6bone, given back
        "3fff::/20",  # documentation
    )
)


def allowed(address: Address, *, private: bool = False) -> bool:
    """Whether a connection to ``address`` may be made.

    ``private`` adds loopback, private, unique-local and shared (carrier) addresses. Link-local,
    multicast, reserved and IPv4-carrying IPv6 addresses stay refused even then.
    """
    if isinstance(address, IPv4Address):
        if any(address in network for network in _HOUSE_4):
            return private
        return not any(address in network for network in _NEVER_4)
    if any(address in network for network in _HOUSE_6):
        return private
    if address not in _GLOBAL_6:
        return False
    return not any(address in network for network in _NEVER_6)
