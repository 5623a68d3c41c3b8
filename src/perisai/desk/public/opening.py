"""Opens the public page as an ASGI application, with tables, keys and log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from perisai.desk import procedures
from perisai.desk.body import Bounded
from perisai.desk.public.options import LARGEST_BODY
from perisai.desk.site import configure_site
from perisai.storage.configuration import serve_requests

if TYPE_CHECKING:
    from perisai.settings import Settings


def application(settings: Settings) -> Bounded:
    """Configure Django in this process for the public site and open it.

    Raises SettingsError or StorageError; what is wrong is told before anything is served.
    """
    procedures.load(settings.desk.procedure)
    configure_site(settings, "public")
    from django.core.handlers.asgi import ASGIHandler  # noqa: PLC0415 - needs a configured Django

    from perisai.desk.opening import open_house  # noqa: PLC0415
    from perisai.desk.public import doors, uploads  # noqa: PLC0415
    from perisai.desk.public.here import Site, open_site  # noqa: PLC0415

    serve_requests()
    # What strangers ask for wrongly is no event; what goes wrong here is.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    logging.getLogger("django.security").setLevel(logging.CRITICAL)
    looking = None
    if uploads.most(settings):
        from perisai.desk.samples import ByService  # noqa: PLC0415

        looking = ByService(settings)
    open_site(Site(settings, open_house(settings), looking=looking))
    return Bounded(ASGIHandler(), LARGEST_BODY, larger=doors.larger)
