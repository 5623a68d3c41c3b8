"""What is counted: by day in the store, and at once for Prometheus. Never words, never people."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from perisai.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from perisai.gateway.operation import Metrics
    from perisai.storage.asynchronous import AsyncStore


class Counting:
    """Tells the store and the metrics of everything that is counted."""

    def __init__(self, store: AsyncStore, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock

    def page(self, decision: str, withheld: Mapping[str, int]) -> None:
        """One page was answered, and these items were withheld from it, by reason."""
        self._metrics.page(decision, withheld)
        self._keep("pages", {"decision": decision}, 1)
        for reason, n in withheld.items():
            self._keep("withheld", {"reason": reason}, n)

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
