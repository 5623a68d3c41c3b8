"""Takes in the gateway's reports and takes decisions to it, each minute, while the desk runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import Error, close_old_connections

from perisai.desk.gateway_store import GatewayStore
from perisai.desk.intake.reports import take_in
from perisai.desk.listing.services import check_waiting
from perisai.desk.withholding.services import apply_waiting
from perisai.errors import PerisaiError

if TYPE_CHECKING:
    import threading

    from perisai.desk.house import House
    from perisai.settings import Settings

EVERY_SECONDS = 60
_LOG = logging.getLogger("perisai.desk")


class Gateway:
    """The gateway's tables, opened when they are there; it may be down, or not be used at all."""

    def __init__(
        self, settings: Settings, house: House, opened: GatewayStore | None = None
    ) -> None:
        """``opened`` is the one that this process has; it is closed at the end."""
        self._house = house
        self._store = opened or GatewayStore(settings)

    def always(self, stop: threading.Event) -> None:
        """Take in what was reported, and over what was decided, until told to stop."""
        while not stop.is_set():
            try:
                self.once()
            except (PerisaiError, Error) as error:
                _LOG.warning("the gateway's reports wait: %s", type(error).__name__)
            finally:
                close_old_connections()
            stop.wait(EVERY_SECONDS)
        self._store.close()

    def once(self) -> int:
        """Take in what was reported since the last time; return how much that was."""
        apply_waiting(self._house, self._store)
        check_waiting(self._house, self._store)
        store = self._store.open()
        return take_in(self._house, store) if store else 0
