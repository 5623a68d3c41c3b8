"""Looks after the gateway's reports, each minute, for as long as the desk runs."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import Error, close_old_connections

from perisai.desk.intake.reports import take_in
from perisai.errors import PerisaiError
from perisai.storage.configuration import gateway_database
from perisai.storage.open import open_store

if TYPE_CHECKING:
    import threading

    from perisai.desk.house import House
    from perisai.settings import Settings
    from perisai.storage.ports import Store

EVERY_SECONDS = 60
_LOG = logging.getLogger("perisai.desk")


class Gateway:
    """The gateway's tables, opened when they are there; it may be down, or not be used at all."""

    def __init__(self, settings: Settings, house: House) -> None:
        self._settings = settings
        self._house = house
        self._store: Store | None = None

    def always(self, stop: threading.Event) -> None:
        """Take in what was reported, until told to stop."""
        while not stop.is_set():
            try:
                self.once()
            except (PerisaiError, Error) as error:
                _LOG.warning("the gateway's reports wait: %s", type(error).__name__)
            finally:
                close_old_connections()
            stop.wait(EVERY_SECONDS)
        if self._store is not None:
            self._store.close()

    def once(self) -> int:
        """Take in what was reported since the last time; return how much that was."""
        if self._store is None:
            wanted = gateway_database(self._settings)
            in_file = wanted["ENGINE"].endswith("sqlite3")
            if in_file and not Path(wanted["NAME"]).exists():
                return 0  # no gateway has run here yet
            self._store = open_store(self._settings)
        return take_in(self._house, self._store)
