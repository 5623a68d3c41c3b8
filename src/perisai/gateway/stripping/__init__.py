"""What a file carries besides its picture is taken out, without decoding or encoding anything.

>>> strip(data)                                                       # doctest: +SKIP

Removed are EXIF, XMP, comments, texts, times of recording, thumbnails, attachments, unknown parts
and whatever was appended; and sound and subtitles of films, since nobody screens those. What
changes the picture stays: colour profiles, and of EXIF the orientation. Every displayed frame is
the same before and after, and stripping twice is stripping once. The bytes are new ones, with a
new SHA-256: they are stripped first and screened then, so that what is served is what was screened.

Nothing here trusts the bytes: what does not follow its format is left as it is from there on, for
screening to judge. The work is one walk over the file's structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.gateway.stripping.gif import strip_gif
from perisai.gateway.stripping.jpeg import strip_jpeg
from perisai.gateway.stripping.matroska import strip_webm
from perisai.gateway.stripping.mp4 import strip_avif, strip_mp4
from perisai.gateway.stripping.png import strip_png
from perisai.gateway.stripping.webp import strip_webp
from perisai.media import MediaType, sniff
from perisai.media.sniff import explain

if TYPE_CHECKING:
    from collections.abc import Callable

_STRIPPERS: dict[MediaType, Callable[[bytes], bytes]] = {
    MediaType.GIF: strip_gif,
    MediaType.WEBP: strip_webp,
    MediaType.APNG: strip_png,
    MediaType.PNG: strip_png,
    MediaType.JPEG: strip_jpeg,
    MediaType.AVIF: strip_avif,
    MediaType.MP4: strip_mp4,
    MediaType.WEBM: strip_webm,
}


def strip(data: bytes, kind: MediaType | None = None) -> bytes:
    """Return the file with nothing but its picture; ``kind`` is sniffed unless given.

    Raises UnknownMedia for bytes in no format that Perisai can show.
    """
    kind = kind or sniff(data)
    if kind is None:
        raise explain(data)
    return _STRIPPERS[kind](data)
