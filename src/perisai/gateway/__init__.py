"""The HTTP side: an upload check that lets nothing unscreened through."""

from __future__ import annotations

from perisai.gateway.app import create_app

__all__ = ["create_app"]
