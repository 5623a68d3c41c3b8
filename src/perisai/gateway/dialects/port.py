"""What a dialect is, and what it needs of its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from perisai.gateway.clients import Client
    from perisai.gateway.items import Ask, Category, Served, ServedItem, ServedPage


class Searches(Protocol):
    """Answers what a dialect may ask. Everything it gives was screened, words too.

    ``ask.cursor`` is text from a client and may be anything. A page's own ``next`` goes on behind
    that page, ``o:N`` goes on behind N items (the sum of ``taken`` so far), and what is neither
    gives an empty page. No ``next`` is a bare number.
    """

    @property
    def stamp(self) -> int:
        """Changes whenever a page that was answered before may no longer hold."""
        ...

    def again(self, page: ServedPage) -> None:
        """Count that a page was answered once more, while its ``until`` and ``stamp`` hold."""
        ...

    async def page(self, ask: Ask, client: Client) -> ServedPage:
        """What ``ask.text`` finds, or what is trending where it is empty."""
        ...

    async def related(self, number: str, ask: Ask, client: Client) -> ServedPage:
        """What is like the item with this number."""
        ...

    async def items(self, numbers: Sequence[str], client: Client) -> tuple[ServedItem, ...]:
        """The items with these numbers, in this order; those the client may not see are missing."""
        ...

    async def categories(
        self, ask: Ask, client: Client
    ) -> tuple[tuple[Category, ServedItem | None], ...]:
        """Groups to browse, each with a picture if there is one that the client may see."""
        ...

    async def suggest(self, ask: Ask, client: Client) -> tuple[str, ...]:
        """Words that may follow ``ask.text``, or that are searched for now where it is empty."""
        ...

    def shared(self, number: str) -> None:
        """Count that an item was sent; a number that is none of ours counts nothing."""
        ...


class Links(Protocol):
    """Makes the addresses that leave the gateway."""

    def media(self, served: Served, request: Request, viewer: Client | None = None) -> str:
        """The address of a file.

        ``viewer`` is given for a picker's own previews, never for what it sends to others.
        """
        ...

    def report(self, number: str, request: Request) -> str:
        """Where somebody can say that an item must not be shown, or need not be hidden."""
        ...

    def windows(self) -> tuple[int, int]:
        """The ends of the windows in which links and tickets are made now.

        While they stay the same, so do the links of the same files for the same client.
        """
        ...

    def base(self, request: Request) -> str:
        """The address under which this client reaches the gateway, without a slash at its end."""
        ...


class Identifies(Protocol):
    """Tells who asks."""

    async def identify(self, request: Request, key: str | None, dialect: str) -> Client:
        """The client, or :class:`perisai.gateway.clients.Refused`."""
        ...

    def again(self, client: Client) -> bool:
        """Whether a client, found a moment ago by its key alone, is still the same; counts it."""
        ...


class Dialect(Protocol):
    """One provider's wire shape. Made from (searcher, links, clients)."""

    name: str
    """As in the settings of a key: ``tenor``, ``giphy``."""

    def routes(self) -> list[BaseRoute]:
        """Every path that it answers."""
        ...
