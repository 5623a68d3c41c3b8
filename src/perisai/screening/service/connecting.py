"""The service of this machine if there is one, else this process itself."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from perisai.errors import ServiceError
from perisai.screening.service.client import Client
from perisai.screening.service.place import socket_path

if TYPE_CHECKING:
    from perisai.screening.service.port import Screening
    from perisai.settings import Settings

_LOG = logging.getLogger("perisai.screening")


async def connect(settings: Settings) -> Screening:
    """Return the service if its socket answers, else a screener in this process.

    A service with other settings, another policy or another version is not used; a line in the log
    says so. Without one, the models are loaded here. Raises SettingsError, PolicyError, ListError
    or ModelError when a choice is wrong. Close what was returned.
    """
    if socket_path(settings).is_socket():
        client = Client(settings)
        try:
            await client.open()
        except ServiceError as error:
            _LOG.warning("Screening in this process, which needs memory of its own: %s", error)
        else:
            return client
    from perisai.screening.service.local import Local  # noqa: PLC0415 - pulls in what it needs

    return await asyncio.to_thread(Local, settings)
