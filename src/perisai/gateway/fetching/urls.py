"""Read an address that a stranger wrote, strictly, and see whether it is one of ours.

Everything that two readers of the same address might take for different hosts is refused: userinfo,
backslashes, control characters, percent signs or Unicode in the host, a dot at its end, and the
many ways to write an IPv4 address (``2130706433``, ``0x7f.1``, ``0177.0.0.1``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from perisai.errors import FetchRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 8192
PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{1,253})"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>[/?][^#]*)?"
    r"(?:#.*)?",
    re.ASCII | re.IGNORECASE,
)
_LABEL = re.compile(r"[0-9a-z](?:[0-9a-z-]{0,61}[0-9a-z])?", re.ASCII)
_BAD = re.compile(r"[\x00-\x20\x7f\\]")
_AS_THEY_STAND = "/?:@!$&'()*+,;=-._~%[]"


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its parts, each in its one true form. ``target`` is path and query."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    target: str

    @property
    def usual(self) -> bool:
        """Whether the port is the one that the scheme has by itself."""
        return self.port == PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """What the header ``Host`` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.usual else f"{host}:{self.port}"

    def __repr__(self) -> str:
        """Without path and query, which may hold a key or what a child searched for."""
        return f"Place({self.scheme}://{self.authority}/…)"


def read_url(url: str, *, private: bool = False) -> Place:
    """Take an address apart.

    ``private`` lets IP addresses, short names (``perisai``) and any port through.
    Raises :class:`perisai.errors.FetchRefused`; its message holds nothing of the address.
    """
    if len(url) > LONGEST:
        raise FetchRefused(f"The address is longer than {LONGEST} characters.")
    if _BAD.search(url):
        raise FetchRefused("The address holds a space, a backslash or a control character.")
    match = _URL.fullmatch(url)
    if match is None:
        raise FetchRefused(
            "The address must have the form https://HOST/PATH: no user name, no other scheme, and "
            "a host of plain letters (names in other scripts in their form xn--…)."
        )
    scheme: Literal["http", "https"] = "https" if match["scheme"].lower() == "https" else "http"
    host = _host(match["host"].lower(), private=private)
    port = int(match["port"]) if match["port"] else PORTS[scheme]
    if not private and port != PORTS[scheme]:
        raise FetchRefused("The address names a port; only the usual ones of http and https are.")
    if not 1 <= port <= 65535:
        raise FetchRefused("The address names a port that does not exist.")
    target = match["target"] or "/"
    if target.startswith("?"):
        target = f"/{target}"
    try:
        return Place(scheme, host, port, quote(target, safe=_AS_THEY_STAND))
    except UnicodeEncodeError:
        raise FetchRefused("The address holds half a character.") from None


def _host(host: str, *, private: bool) -> str:
    last = host.rpartition(".")[2]
    if host.startswith("[") or last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        try:
            address = ip_address(host.strip("[]"))
        except ValueError:
            raise FetchRefused("The host is a number that is no IP address.") from None
        if not private:
            raise FetchRefused("The host is an IP address; a name is needed.")
        return str(address)
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise FetchRefused("The host's name is not well formed.")
    if len(labels) < 2 and not private:
        raise FetchRefused("The host's name has no dot: it would be one of this network.")
    return host


@dataclass(frozen=True, slots=True)
class Places:
    """The hosts that bytes may come from, each with one port or, None, the usual ones."""

    exact: frozenset[tuple[str, int | None]] = frozenset()
    below: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str]) -> Places:
        """Read ``example.org``, ``*.example.org`` (all below it) or ``127.0.0.1:8000``.

        Raises :class:`perisai.errors.FetchRefused` for a name that is not well formed.
        """
        exact, below = set(), set()
        for name in names:
            bare = name.removeprefix("*.")
            place = read_url(f"http://{bare}/", private=True)
            if place.target != "/":
                raise FetchRefused("A host's name holds no path.")
            named = place.port if re.search(r":[0-9]+$", bare) else None
            if bare == name:
                exact.add((place.host, named))
            elif "." in place.host and not place.host.rpartition(".")[2].isdigit():
                below.add((place.host, named))
            else:
                raise FetchRefused(f"*.{place.host} would be too many hosts; name more of it.")
        return cls(frozenset(exact), frozenset(below))

    def __contains__(self, place: Place) -> bool:
        """Whether ``place`` is on one of these hosts, at the right port."""
        ports: tuple[int | None, ...] = (place.port, None) if place.usual else (place.port,)
        if any((place.host, port) in self.exact for port in ports):
            return True
        above = place.host.split(".")
        return any(
            (".".join(above[start:]), port) in self.below
            for start in range(1, len(above))
            for port in ports
        )
