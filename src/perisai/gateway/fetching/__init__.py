"""Take bytes from addresses that strangers wrote, without being led into one's own house.

>>> from perisai.gateway.fetching import Fetcher
>>> fetcher = Fetcher()  # any public host; Fetcher(("*.example.org",)) takes from these alone

``await fetcher.take(url, limit)`` gives the bytes. docs/upstreams.md says what is refused.
"""

from __future__ import annotations

from perisai.gateway.fetching.fetcher import Answer, Fetcher
from perisai.gateway.fetching.resolving import MemoryResolver, Resolver, SystemResolver
from perisai.gateway.fetching.urls import Place, Places, read_url

__all__ = [
    "Answer",
    "Fetcher",
    "MemoryResolver",
    "Place",
    "Places",
    "Resolver",
    "SystemResolver",
    "read_url",
]
