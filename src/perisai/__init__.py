"""Perisai keeps pornographic GIFs, stickers and short clips away from children.

>>> import perisai
>>> with perisai.Screener() as screener:            # doctest: +SKIP
...     print(screener.screen("clip.gif").verdict)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from perisai.screening import Screener, ScreenResult

__version__ = "0.1.0"
__all__ = ["AgeBand", "ScreenResult", "Screener", "__version__"]


def __getattr__(name: str) -> object:
    # Lazy: `import perisai.matching.pdq` alone needs neither models nor settings.
    if name in ("Screener", "ScreenResult"):
        from perisai import screening  # noqa: PLC0415

        return getattr(screening, name)
    raise AttributeError(f"module 'perisai' has no attribute {name!r}")
