"""Perisai keeps pornographic GIFs, stickers and short clips away from children."""

from __future__ import annotations

__version__ = "0.1.0"
