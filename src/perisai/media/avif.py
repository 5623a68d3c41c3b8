"""AVIF, still and sequences.

Format: "AV1 Image File Format" (AOMedia). libavif, through Pillow, decodes; nothing is allocated
for pixels before the first frame is asked for. A file may hold a still picture and a sequence, of
which a browser shows the one that its major brand names. If the other is not the same picture as
the first frame, it is looked at, too. AVIF and MP4 are made of the same boxes: a file that is both
is refused.
"""

from __future__ import annotations

import hashlib
import io
import re
from typing import TYPE_CHECKING

from PIL import AvifImagePlugin

from perisai.errors import BrokenMedia
from perisai.media.backgrounds import frames_of
from perisai.media.boxes import check_claims, look_around
from perisai.media.colours import Colours, sideways, upright
from perisai.media.frames import Frame, MediaType
from perisai.media.gif_blocks import played_for
from perisai.media.guard import DECODER_ERRORS
from perisai.media.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.media.limits import MediaLimits

_SIZE = re.compile(rb"\x00\x00\x00\x14ispe\x00{4}(.{4})(.{4})", re.DOTALL)
"""The box of a picture's size (ISO/IEC 23008-12, section 6.5.3)."""
_SIZES_WITHIN = 1 << 20
_HANDLER = re.compile(rb"hdlr.{8}(.{4})", re.DOTALL)
"""What a track or an item is (ISO/IEC 14496-12, section 8.4.3): ``pict`` for pictures, ``auxv`` for
their transparency, ``vide`` for a film."""
_STILL, _SEQUENCE = b"avif", b"avis"


class AvifReader(Reader):
    """An AVIF picture or sequence."""

    type = MediaType.AVIF

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__(data, limits)
        check_claims(data)
        self.notes, self.truncated = look_around(data)
        for found in _SIZE.finditer(data, 0, _SIZES_WITHIN):
            limits.check_canvas(int.from_bytes(found[1]), int.from_bytes(found[2]))
        picture = self._opened(data)
        self.width, self.height = picture.size
        if sideways(picture):
            self.width, self.height = self.height, self.width
        self.frame_count = picture.n_frames

    def frames(self) -> Iterator[Frame]:
        """Yield what a browser shows, then what it would show under the other brand."""
        count = time_ms = 0
        first: set[bytes] = set()  # digests: the pixels themselves may be hundreds of megabytes
        for frame in self._frames_of(self._opened(self.data), 0, 0):
            yield frame
            if not frame.index:
                first.add(_digest(frame))
            count, time_ms = frame.index + 1, frame.time_ms + frame.duration_ms
        if not count:
            raise BrokenMedia("No picture of the AVIF could be decoded; get a whole copy.")
        other = self._other()
        sequence = count > 1 or (other is not None and other.n_frames > 1)
        if other is not None:
            for frame in self._frames_of(other, count, time_ms):
                if other.n_frames == 1 and _digest(frame) in first:
                    continue
                self.note(
                    "a sequence beside the still picture (screened after it)"
                    if other.n_frames > 1
                    else "a still picture beside the sequence (screened after it)"
                )
                yield frame
                count, time_ms = frame.index + 1, frame.time_ms + frame.duration_ms
        self.frame_count, self.duration_ms = count, time_ms
        self._refuse_film(sequence=sequence)

    def _refuse_film(self, *, sequence: bool) -> None:
        """Refuse a file with tracks besides the ``sequence`` shown: a player would show those."""
        tables = self.data.count(b"moov")
        handlers = _HANDLER.findall(self.data)
        pictures = self.data.count(b"trak") - handlers.count(b"auxv")
        known = sequence and tables == pictures == 1 and set(handlers) <= {b"pict", b"auxv"}
        if tables and not known:
            raise BrokenMedia(
                "The AVIF is a film at the same time; what it shows depends on the program."
            )

    def _frames_of(
        self, picture: AvifImagePlugin.AvifImageFile, index: int, time_ms: int
    ) -> Iterator[Frame]:
        """Yield all pictures; BrokenMedia at the first that fails, for what stands behind it.

        A missing tail is no excuse as in other formats: libavif does not even open such a file.
        """
        colours = Colours(picture.info)
        for number in range(picture.n_frames):
            try:
                picture.seek(number)
                picture.load()
            except DECODER_ERRORS as error:
                raise BrokenMedia(
                    f"The AVIF is damaged after {number} pictures; get a whole copy."
                ) from error
            duration_ms = 0
            if picture.n_frames > 1:
                duration_ms = played_for(int(picture.info.get("duration", 0)))
            self.limits.check_duration(time_ms + duration_ms)
            shown = upright(colours.shown(picture))
            yield from frames_of(
                shown, index=index + number, time_ms=time_ms, duration_ms=duration_ms
            )
            time_ms += duration_ms

    def _opened(self, data: bytes) -> AvifImagePlugin.AvifImageFile:
        picture = AvifImagePlugin.AvifImageFile(io.BytesIO(data))
        self.limits.check_canvas(*picture.size)
        self.limits.check_frames(picture.n_frames, *picture.size)
        return picture

    def _other(self) -> AvifImagePlugin.AvifImageFile | None:
        """Return the still picture beside a sequence or the other way round, if there is one."""
        major = self.data[8:12]
        brands = self.data[16 : max(16, min(int.from_bytes(self.data[:4]), 256))]
        other = _STILL if major == _SEQUENCE else _SEQUENCE
        if other not in [brands[i : i + 4] for i in range(0, len(brands), 4)]:
            return None
        try:
            picture = self._opened(self.data[:8] + other + self.data[12:])
        except DECODER_ERRORS as error:
            raise BrokenMedia(
                "What the AVIF holds beside its picture could not be decoded; get a whole copy."
            ) from error
        if other == _SEQUENCE and picture.n_frames < 2:
            return None
        return picture


def _digest(frame: Frame) -> bytes:
    """Return what only a picture of the same size and pixels has."""
    digest = hashlib.sha256(repr(frame.pixels.shape).encode())
    digest.update(frame.pixels.data)
    return digest.digest()
