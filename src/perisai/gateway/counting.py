"""What is counted: by day in the store, and for Prometheus. Never words, never people."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from perisai.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from perisai.gateway.operation import Metrics
    from perisai.storage.asynchronous import AsyncStore

EVERY_SECONDS = 1.0


class Counting:
    """Tells the store and the metrics of everything that is counted."""

    def __init__(self, store: AsyncStore, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock
        self._pages: Counter[tuple[str, tuple[tuple[str, int], ...]]] = Counter()
        metrics.before_showing.append(self.tell)

    async def follow(self) -> None:
        """Tell of the pages every second, for ever, and once more at the end."""
        try:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                self.tell()
        finally:
            self.tell()

    def page(self, decision: str, withheld: Mapping[str, int]) -> None:
        """One page was answered, and these items were withheld from it, by reason.

        That happens so often that it is only noted here; :meth:`tell` tells of it.
        """
        self._pages[decision, tuple(withheld.items())] += 1

    def tell(self) -> None:
        """Tell store and metrics of the pages since the last time."""
        pages, self._pages = self._pages, Counter()
        for (decision, withheld), times in pages.items():
            self._metrics.page(decision, dict(withheld), times)
            self._keep("pages", {"decision": decision}, times)
            for reason, n in withheld:
                self._keep("withheld", {"reason": reason}, n * times)

    def shared(self, upstream: str) -> None:
        """One item was sent to somebody."""
        self._metrics.shared(upstream)
        self._keep("shared", {"upstream": upstream}, 1)

    def report(self, kind: str) -> None:
        """One report was kept."""
        self._metrics.report(kind)
        self._keep("reports", {"kind": kind}, 1)

    def upload(self, labels: Mapping[str, str]) -> None:
        """One upload was judged, or could not be (see ``gateway.uploads.shadow``)."""
        self._metrics.upload(labels["decision"], labels["shadow"])
        self._keep("uploads", labels, 1)

    def _keep(self, name: str, labels: Mapping[str, str], n: int) -> None:
        with suppress(StorageError):  # closing: who counts must not break what is counted
            self._store.count(self._clock().date(), name, labels, n)
