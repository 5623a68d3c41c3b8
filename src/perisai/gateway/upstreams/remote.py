"""What the upstreams on the network share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from perisai.gateway.fetching import read_url
from perisai.gateway.upstreams.http import HttpUpstream, authority_of
from perisai.gateway.upstreams.reading import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from perisai.gateway.fetching import Resolver
    from perisai.gateway.items import Item, Rendition
    from perisai.gateway.upstreams.breaker import Health
    from perisai.gateway.upstreams.token import Token
    from perisai.settings.gateway import RemoteUpstream


class Remote:
    """An upstream behind HTTP; subclasses know the shape of its answers."""

    open = True
    """Strangers fill it."""
    counts = False
    MEDIA: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Where a provider is known to keep its files, by the end of its interface's host name."""
    KEY: ClassVar[str] = ""
    """The parameter that holds the key; empty if it is sent as a bearer token."""

    def __init__(
        self, name: str, section: RemoteUpstream, key: str, resolver: Resolver | None = None
    ) -> None:
        """Raises :class:`perisai.errors.FetchRefused` if an address in ``section`` is bad."""
        self.name = name
        self.bands = section.bands
        bearer = self._token(section, key) or (None if self.KEY else key or None)
        self._http = HttpUpstream(
            name,
            section.base,
            media_hosts=section.media_hosts or self.usual_hosts(section.base),
            key=(self.KEY, key) if key and self.KEY else None,
            bearer=bearer,
            private=section.private,
            timeout_seconds=section.timeout_seconds,
            per_second=section.per_second,
            resolver=resolver,
        )

    def _token(self, section: RemoteUpstream, key: str) -> Token | None:  # noqa: ARG002 - most need none
        """How to get a bearer token, if one has to be got."""
        return None

    @classmethod
    def usual_hosts(cls, base: str) -> tuple[str, ...]:
        """The host of ``base``, and those that its provider is known to use."""
        host = read_url(base, private=True).host
        known = (
            places for end, places in cls.MEDIA.items() if host == end or host.endswith(f".{end}")
        )
        return (authority_of(base), *next(known, ()))

    @property
    def health(self) -> Health:
        """``up``, ``trying`` or ``down``, for the metrics."""
        return self._http.health

    def shared(self, item: str) -> None:
        """Whoever runs it is told nothing of what is sent."""

    async def fetch(self, rendition: Rendition, limit: int) -> bytes:
        """The bytes of one rendition, never more than ``limit``."""
        return await self._http.fetch(rendition.url, limit)

    async def close(self) -> None:
        """Give back connections."""
        await self._http.close()

    def __repr__(self) -> str:
        """Name and health; nothing of the settings."""
        return f"{type(self).__name__}({self.name!r}, {self.health})"

    def _address(self, value: object) -> str:
        """The address of a file; raises Broken for one that would not be fetched."""
        if not isinstance(value, str) or not self._http.takes(value):
            raise Broken
        return value


def whole_items(values: Iterable[Any], read: Callable[[Any], Item]) -> tuple[Item, ...]:
    """What ``read`` makes of each value, without those it finds broken, each id once."""
    found: dict[str, Item] = {}
    for value in values:
        try:
            item = read(value)
        except Broken:
            continue
        found.setdefault(item.id, item)
    return tuple(found.values())


def in_order(items: Iterable[Item], ids: Iterable[str]) -> tuple[Item, ...]:
    """The items in the order of ``ids``; those that were not asked for are left out."""
    known = {item.id: item for item in items}
    return tuple(known[each] for each in dict.fromkeys(ids) if each in known)
