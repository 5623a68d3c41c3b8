"""What every upstream offers: the real ones, and the one in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.gateway.items import Ask, Category, Item, Page, Rendition


class Upstream(Protocol):
    """Where GIFs come from. Every method may raise :class:`perisai.errors.UpstreamError`."""

    name: str
    """Short, stable, from the settings; part of what is remembered of an item."""
    open: bool
    """Filled by strangers: never used for bands under 13 unless an operator says so."""
    counts: bool
    """Whether its cursors are whole numbers: so many items are left out."""

    async def search(self, ask: Ask) -> Page:
        """Items for ``ask.text``, or what is trending if that is empty."""
        ...

    async def items(self, ids: Sequence[str]) -> tuple[Item, ...]:
        """The items with these ids, in this order; unknown ones are left out."""
        ...

    async def categories(self, ask: Ask) -> tuple[Category, ...]:
        """Groups to browse."""
        ...

    async def suggest(self, ask: Ask) -> tuple[str, ...]:
        """Words that may follow or replace ``ask.text``; trending words if that is empty."""
        ...

    def shared(self, item: str) -> None:
        """Somebody sent this item. No upstream of others is told."""
        ...

    async def fetch(self, rendition: Rendition, limit: int) -> bytes:
        """The bytes of one rendition, never more than ``limit``."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
