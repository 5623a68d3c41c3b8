"""What does this file show? Bytes in, displayed frames out.

>>> media = open_media(data)                                          # doctest: +SKIP
>>> for frame in media.frames():                                      # doctest: +SKIP
...     frame.pixels, frame.time_ms, frame.background

The decoders are imported when they are first asked for, so that this package stays cheap to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from perisai.media.frames import Background, Frame, MediaInfo, MediaType
from perisai.media.limits import MediaLimits
from perisai.media.sniff import sniff  # a module and a function share this name: bind it for good

if TYPE_CHECKING:
    from perisai.media.open import Media, open_media

__all__ = [
    "Background",
    "Frame",
    "Media",
    "MediaInfo",
    "MediaLimits",
    "MediaType",
    "open_media",
    "sniff",
]

_HOMES = {
    "Media": "perisai.media.open",
    "open_media": "perisai.media.open",
}


def __getattr__(name: str) -> object:
    """Import a decoder-backed name on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
