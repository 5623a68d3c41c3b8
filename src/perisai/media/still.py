"""Pictures that Pillow decodes whole: what JPEG, WebP and AVIF readers share, and JPEG itself."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import JpegImagePlugin

from perisai.errors import BrokenMedia
from perisai.media import extras
from perisai.media.backgrounds import frames_of
from perisai.media.colours import Colours, sideways, upright
from perisai.media.frames import Frame, MediaType
from perisai.media.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import ImageFile

    from perisai.media.limits import MediaLimits

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_ALONE = frozenset({0x01, _SOI, *range(0xD0, 0xD8)})
"""JPEG markers without a length: TEM, SOI and the restarts."""


class JpegReader(Reader):
    """A JPEG picture (of several in one file, browsers show the first)."""

    type = MediaType.JPEG

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__(data, limits)
        self._exif = b""
        self._look_around()
        self._cut = self.truncated
        picture = self._opened()
        limits.check_canvas(*picture.size)
        self.width, self.height = picture.size
        if sideways(picture):
            self.width, self.height = self.height, self.width
        self.frame_count = 1

    def frames(self) -> Iterator[Frame]:
        """Yield the picture, upright and in sRGB."""
        picture = self._opened()
        self.truncated = not loaded(picture) or self._cut
        shown = upright(picture)
        yield from frames_of(Colours(picture.info).shown(shown), index=0, time_ms=0, duration_ms=0)

    def _opened(self) -> JpegImagePlugin.JpegImageFile:
        """Let Pillow open the picture alone, without metadata to stumble over."""
        # The plugin itself instead of Image.open: our limits instead of Pillow's global one.
        picture = JpegImagePlugin.JpegImageFile(io.BytesIO(b"".join(self._parts)))
        picture.info["exif"] = self._exif
        return picture

    def _look_around(self) -> None:
        """Walk the markers (ITU T.81, annex B) up to the end of the picture."""
        data, position = self.data, 2
        scanned = 0  # bytes of pixels
        self._parts = [data[:2]]
        while 0 <= position < len(data) - 1:
            marker = data[position + 1]
            if data[position] != 0xFF or marker == 0xFF:
                position = data.find(b"\xff", position + 1)
                continue
            if marker == _EOI:
                break
            if marker in _ALONE or marker == 0:
                position += 2
                continue
            length = int.from_bytes(data[position + 2 : position + 4])
            if length < 2:  # it counts itself; viewers disagree about where to go on
                raise BrokenMedia(
                    "A segment of the JPEG is shorter than its own length; get a whole copy."
                )
            end = position + 2 + length
            after = _after_scan(data, end) if marker == _SOS else end
            if self._is_wanted(marker, position + 4, end):
                stop = after if after >= 0 else len(data)
                scanned += stop - end
                self._parts.append(data[position:stop])
            position = after
        if scanned <= 0:
            raise BrokenMedia("The JPEG ends before its first pixel; get a whole copy.")
        # Without an end the decoder would wait for more and keep the last rows to itself.
        self._parts.append(b"\xff\xd9")
        self.truncated = not 0 <= position < len(data) - 1
        if not self.truncated:
            self.notes += extras.after_end(data, position + 2)
        self.notes += extras.archive(data)

    def _is_wanted(self, marker: int, start: int, end: int) -> bool:
        """Whether Pillow needs a segment; metadata is read here."""
        if marker == _COM:
            self.notes += extras.within(self.data, start, end, "in a comment")
            return False
        if marker not in _APPLICATION:
            return True
        body = self.data[start:end]
        if marker == 0xE1 and body.startswith(b"Exif\0") and not self._exif:
            self._exif = body
        for note in extras.markup_in(body, "in the metadata"):
            self.note(note)
        return body.startswith((b"JFIF\0", b"ICC_PROFILE\0", b"Adobe"))


def loaded(picture: ImageFile.ImageFile) -> bool:
    """Decode as far as the data goes; return whether it went to the end.

    Raises :class:`BrokenMedia` if not a single pixel came out.
    """
    try:
        picture.load()
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        # What was decoded before the error is there; without tiles, load() takes it as it is.
        picture.tile = []
        picture.load()
        if picture.convert("RGB").getbbox() is None:
            raise BrokenMedia(
                f"The {picture.format} picture could not be decoded ({error}); get a whole copy."
            ) from error
        return False
    return True


def _after_scan(data: bytes, position: int) -> int:
    """Return where the next marker stands after entropy-coded data; -1 if there is none."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            return -1
        if data[position + 1] and data[position + 1] not in _ALONE and data[position + 1] != 0xFF:
            return position
        position += 1 if data[position + 1] == 0xFF else 2
