"""Lets tests of both sites run in one process, each with the settings that it is served with."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from perisai.desk.site import _of_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.site import Site
    from perisai.settings import Settings


@contextmanager
def on_site(settings: Settings, site: Site, **more: object) -> Iterator[None]:
    """Serve this site within the block. Django must be configured already.

    What is as wanted is left alone: Django reads every template anew when it is set.
    """
    from django.conf import settings as now
    from django.test import override_settings
    from django.utils import translation

    wanted = {**_of_site(settings, site), **more}
    missing = object()
    other = {name: value for name, value in wanted.items() if getattr(now, name, missing) != value}
    with override_settings(**other):
        # Django decides at first use whether there are languages: the public site has its own way.
        vars(translation._trans).clear()
        yield
    vars(translation._trans).clear()
