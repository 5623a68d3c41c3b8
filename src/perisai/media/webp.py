"""WebP, still and animated.

Format: RFC 9649. libwebp, through Pillow, decodes and composites; like browsers it ignores the
background colour, so that what nobody drew on is transparent.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import WebPImagePlugin

from perisai.errors import BrokenMedia
from perisai.media import extras
from perisai.media.backgrounds import frames_of
from perisai.media.colours import Colours
from perisai.media.frames import Frame, MediaType
from perisai.media.gif_blocks import played_for
from perisai.media.guard import DECODER_ERRORS
from perisai.media.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.media.limits import MediaLimits

_RIFF_HEADER = 12
_KNOWN = frozenset(
    {b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP", b"EXIF", b"XMP "}
)
_ALPHA_FLAG, _ANIMATION_FLAG = 0x10, 0x02


class WebpReader(Reader):
    """A WebP file; a still picture is an animation of one frame."""

    type = MediaType.WEBP

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__(data, limits)
        self._durations: list[int] = []
        self._animated = False
        self._flags_at = 0
        self._whole_until = _RIFF_HEADER
        self._cut_pictures = 0
        self._read_chunks()
        if not self.width or not self.height:
            raise BrokenMedia("The WebP holds no picture; get the whole file.")
        limits.check_canvas(self.width, self.height)
        if not self._animated:
            self._durations = [0]
        self.frame_count = len(self._durations)
        self.duration_ms = sum(self._durations)
        limits.check_frames(self.frame_count, self.width, self.height)
        limits.check_duration(self.duration_ms)
        self._cut = self.truncated
        self._opened()

    def frames(self) -> Iterator[Frame]:
        """Yield every frame, composited."""
        picture = self._opened()
        colours = Colours(picture.info)
        time_ms = count = 0
        for duration_ms in self._durations[: picture.n_frames]:
            try:
                picture.seek(count)
                picture.load()
            except DECODER_ERRORS:
                self.truncated = True
                break
            shown = colours.shown(picture)  # Chromium ignores a WebP's EXIF orientation
            yield from frames_of(shown, index=count, time_ms=time_ms, duration_ms=duration_ms)
            count += 1
            time_ms += duration_ms
        if not count:
            raise BrokenMedia("No picture of the WebP could be decoded; get a whole copy.")
        if count < len(self._durations) - self._cut_pictures:
            # Damage, not a missing tail: what stands behind it may be shown by somebody.
            raise BrokenMedia(f"The WebP is damaged after {count} pictures; get a whole copy.")
        self.truncated |= count < len(self._durations)
        self.frame_count, self.duration_ms = count, time_ms

    def _opened(self) -> WebPImagePlugin.WebPImageFile:
        """Let Pillow open the file, repaired if its tail is missing."""
        if not self._cut and not self._flags_at:
            return WebPImagePlugin.WebPImageFile(io.BytesIO(self.data))
        data = bytearray(self.data)
        if self._flags_at:
            # Without this flag transparent parts would come out as black, and only as black.
            data[self._flags_at] |= _ALPHA_FLAG
        if not self._cut:
            return WebPImagePlugin.WebPImageFile(io.BytesIO(data))
        try:
            return WebPImagePlugin.WebPImageFile(io.BytesIO(_sized(self._padded(data))))
        except DECODER_ERRORS:
            return WebPImagePlugin.WebPImageFile(io.BytesIO(_sized(data[: self._whole_until])))

    def _padded(self, data: bytearray) -> bytearray:
        """Fill up the chunk that was cut: what came before the cut decodes as in a browser."""
        length = int.from_bytes(data[self._whole_until + 4 : self._whole_until + 8], "little")
        missing = self._whole_until + 8 + length + length % 2 - len(data)
        if 0 < missing <= self.limits.max_bytes:
            data += bytes(missing)
        return data

    def _read_chunks(self) -> None:
        """Walk through the chunks up to the end that the RIFF header names."""
        data = self.data
        named_end = 8 + int.from_bytes(data[4:8], "little")
        end = min(named_end, len(data))
        self.truncated = named_end > len(data)
        position = _RIFF_HEADER
        while position + 8 <= end:
            self._whole_until = position
            kind = data[position : position + 4]
            start = position + 8
            length = int.from_bytes(data[position + 4 : start], "little")
            self._read_chunk(kind, start, min(start + length, end))
            self._cut_pictures = int(start + length > end)  # nothing comes after that
            position = start + length + length % 2
        if position <= end:
            self._whole_until = position
        else:
            self.truncated = True
        self.notes += extras.after_end(data, end + end % 2)
        self.notes += extras.archive(data)

    def _read_chunk(self, kind: bytes, start: int, end: int) -> None:
        body = self.data[start : min(end, start + 16)]
        if kind == b"VP8X" and len(body) >= 10:
            self._flags_at = start
            self._animated = bool(body[0] & _ANIMATION_FLAG)
            self.width = 1 + int.from_bytes(body[4:7], "little")
            self.height = 1 + int.from_bytes(body[7:10], "little")
        elif kind == b"ANMF" and len(body) >= 16:
            self._durations.append(played_for(int.from_bytes(body[12:15], "little")))
            if len(self._durations) > self.limits.max_frames:
                self.limits.check_frames(len(self._durations), 1, 1)
        elif kind == b"VP8 " and len(body) >= 10 and not self._flags_at:
            self.width = int.from_bytes(body[6:8], "little") & 0x3FFF
            self.height = int.from_bytes(body[8:10], "little") & 0x3FFF
        elif kind == b"VP8L" and len(body) >= 5 and not self._flags_at:
            bits = int.from_bytes(body[1:5], "little")
            self.width, self.height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        elif kind not in _KNOWN:
            name = kind.decode("latin-1")
            self.notes += extras.within(self.data, start, end, f"in a chunk {name!r}")


def _sized(data: bytearray) -> bytearray:
    """Make the RIFF header name the length that ``data`` has."""
    data[4:8] = (len(data) - 8).to_bytes(4, "little")
    return data
