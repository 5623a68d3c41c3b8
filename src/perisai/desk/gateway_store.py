"""The gateway's tables, opened once in a process of the desk, when somebody first needs them."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from perisai.storage.open import has_store, open_objects, open_store

if TYPE_CHECKING:
    from perisai.settings import Settings
    from perisai.storage.objects import ObjectStore
    from perisai.storage.ports import Store


class GatewayStore:
    """The gateway may be down, or not be used in this house at all."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._store: Store | None = None

    @property
    def here(self) -> bool:
        """Whether a gateway has run in this house: if not, nothing waits for it in vain.

        Raises StorageError.
        """
        return self._store is not None or has_store(self.settings)

    def open(self) -> Store | None:
        """The store; None if no gateway has run here yet. Raises StorageError.

        Each thread releases it when it is done.
        """
        with self._lock:
            if self._store is None:
                if not self.here:
                    return None
                self._store = open_store(self.settings)
            return self._store

    def objects(self) -> ObjectStore:
        """Where the bytes of what it shows are kept. Raises SettingsError or StorageError."""
        return open_objects(self.settings)

    def close(self) -> None:
        """Let go of it. May be called again."""
        with self._lock:
            store, self._store = self._store, None
        if store is not None:
            store.close()
