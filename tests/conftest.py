"""One Django for the whole run: there is one in a process, and the desk needs most of it.

It is configured as the desk does, over a home folder that nobody else uses, before any test module
is loaded: models cannot be imported earlier.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from perisai import settings
from perisai.desk.site import configure_site

pytest_plugins = ["tests.common.buckets", "tests.common.databases"]
"""Fixtures that several packages of tests share."""

HOME = Path(tempfile.mkdtemp(prefix="perisai-django-"))
configure_site(settings.load(env={}, home=HOME), "desk")


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    for path in sorted(HOME.rglob("*"), reverse=True):
        path.unlink()
    HOME.rmdir()
