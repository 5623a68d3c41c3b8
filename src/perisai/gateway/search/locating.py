"""Finds where a page begins that nobody here was sent to: after a restart, or in another process.

Clients that count send how many items to leave out. An upstream that counts, too, is asked there at
once; any other is walked through from the nearest place that is known, list by list: no file is
fetched on the way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from perisai.gateway.items import Ask, Page
    from perisai.gateway.upstreams.port import Upstream

    Place = tuple[str, int, str]
    """An upstream, how many items lie before, and the upstream's own cursor."""
    AskUpstream = Callable[[str, Ask], Awaitable[Page | None]]
    Following = Callable[[str, int, str], Place | None]

STEPS = 12
"""Lists that are asked for, at most, to find one place."""
LONGEST = 50
"""Items on one list, as upstreams allow."""


async def locate(
    ask: Ask,
    wanted: int,
    start: Place,
    upstreams: Mapping[str, Upstream],
    ask_upstream: AskUpstream,
    following: Following,
) -> Place | None:
    """The place behind ``wanted`` items, beginning to look at ``start``; None if there is none.

    ``ask_upstream`` gives a list, None if the upstream does not answer; ``following`` the place
    after a list with this cursor. A list that goes beyond the place counts as having ended there.
    """
    place: Place | None = start
    for _ in range(STEPS):
        if place is None or place[1] >= wanted:
            break
        name, at, cursor = place
        rest = wanted - at
        if upstreams[name].counts:
            there = str(_number(cursor) + rest)
            page = await ask_upstream(name, replace(ask, cursor=there, limit=1))
            if page is None:
                return None
            if page.items:
                return name, wanted, there
            left = max(0, (page.total or 0) - _number(cursor))
            place = following(name, at + min(rest, left), "")
        else:
            limit = min(LONGEST, rest)
            page = await ask_upstream(name, replace(ask, cursor=cursor, limit=limit))
            if page is None:
                return None
            place = following(name, at + len(page.items), page.next)
    if place is None or place[1] < wanted:
        return None
    return place[0], wanted, place[2]


def _number(cursor: str) -> int:
    return int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else 0
