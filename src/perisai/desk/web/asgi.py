"""The desk as an ASGI application, with a limit on what a request may carry."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from perisai.desk.body import Bounded
from perisai.desk.site import configure_site
from perisai.desk.web.configuring import ROOM_FOR_FORM
from perisai.storage.configuration import serve_requests

if TYPE_CHECKING:
    from perisai.desk.measuring import Measuring
    from perisai.desk.samples import Looking
    from perisai.desk.web.running import Desk
    from perisai.settings import Settings


def open_desk(
    settings: Settings, looking: Looking, measuring: Measuring | None = None
) -> tuple[Bounded, Desk]:
    """Configure Django in this process for the desk, and open it; return it and what serves it.

    Bodies are read whole and in memory before Django sees them: it would write what is long to the
    disk, and files that officers give must never lie there. Raises SettingsError or StorageError.
    """
    configure_site(settings, "desk")
    from django.core.handlers.asgi import ASGIHandler  # noqa: PLC0415 - needs a configured Django
    from django.urls import get_resolver  # noqa: PLC0415

    from perisai.desk.opening import open_house  # noqa: PLC0415
    from perisai.desk.web.running import Desk, use  # noqa: PLC0415

    serve_requests()
    logging.getLogger("django.request").setLevel(logging.ERROR)
    logging.getLogger("django.security").setLevel(logging.CRITICAL)
    desk = Desk.of(settings, open_house(settings), looking, measuring)
    use(desk)
    get_resolver().check()  # a page that cannot be loaded is told now, and not to a visitor
    return Bounded(ASGIHandler(), settings.desk.sample_bytes + ROOM_FOR_FORM), desk
