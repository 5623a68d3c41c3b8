"""Signing in, and confirming who one is, at one's own agency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.web.rendering import page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request


def confirming(request: Request) -> HttpResponse:
    """Where to confirm who one is, without a password; or what to do where there is no way."""
    return page(request, "agency_confirm")
