"""PNG and APNG as browsers display them.

Formats: "Portable Network Graphics, third edition" (W3C, 2025), which includes the animation
chunks. Each picture is handed to Pillow as a small PNG of its own with right checksums and nothing
else in it, so that a bad checksum or an overlong text cannot hide what a browser would show. Frames
are composited here: Pillow has no transparent canvas for pictures without alpha. What viewers read
differently is refused (:mod:`perisai.media.png_order`).
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image, PngImagePlugin

from perisai.errors import BrokenMedia
from perisai.media import extras
from perisai.media.backgrounds import frames_of
from perisai.media.colours import Colours, sideways, upright
from perisai.media.frames import Frame, MediaType
from perisai.media.gif_blocks import played_for
from perisai.media.guard import DECODER_ERRORS
from perisai.media.png_colours import refuse_unknown
from perisai.media.png_order import LOOKS, ChunkOrder, transparent_colour
from perisai.media.reader import Reader
from perisai.media.sniff import PNG_SIGNATURE
from perisai.media.still import loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.media.limits import MediaLimits

_KEPT = frozenset({b"PLTE", b"eXIf", *LOOKS})
"""Chunks that change how the pixels look."""
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_KNOWN = frozenset(
    {*_KEPT, *_TEXTS, b"IHDR", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"bKGD",
     b"hIST", b"pHYs", b"sBIT", b"sPLT", b"tIME", b"mDCV", b"cLLI"}
)  # fmt: skip
_DISPOSE_BACKGROUND, _DISPOSE_PREVIOUS = 1, 2
_BLEND_OVER = 1
_TEXT_AT_MOST = 65536


@dataclass(slots=True)
class _Picture:
    """One picture of the file: where it goes, how long it stays, and its compressed parts."""

    width: int
    height: int
    left: int = 0
    top: int = 0
    duration_ms: int = 0
    dispose: int = 0
    blend: int = 0
    parts: list[bytes] = field(default_factory=list)


class PngReader(Reader):
    """A PNG without animation."""

    type = MediaType.PNG

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__(data, limits)
        if len(data) < 33 or data[12:16] != b"IHDR":
            raise BrokenMedia("The PNG has no header; get the whole file.")
        self._ihdr = data[16:29]
        self._kept: dict[bytes, bytes] = {}
        self._cicp = b""
        self._still = _Picture(*_size(self._ihdr))
        self._animation: list[_Picture] = []
        self._still_is_first = False
        limits.check_canvas(self._still.width, self._still.height)
        self._read_chunks()
        self._make_readable()
        self.width, self.height = self._still.width, self._still.height
        if sideways(self._opened(_Picture(1, 1, parts=[b""]))):
            self.width, self.height = self.height, self.width
        self.frame_count = 1

    def frames(self) -> Iterator[Frame]:
        """Yield the one picture."""
        yield from self._show_still(0, 0)

    def _show_still(self, index: int, time_ms: int) -> Iterator[Frame]:
        picture = self._opened(self._still)
        self.truncated |= not loaded(picture)
        shown = Colours(picture.info).shown(upright(picture))
        yield from frames_of(shown, index=index, time_ms=time_ms, duration_ms=0)

    def _opened(self, part: _Picture) -> PngImagePlugin.PngImageFile:
        """Let Pillow open one picture of the file."""
        size = part.width.to_bytes(4) + part.height.to_bytes(4)
        chunks = [(b"IHDR", size + self._ihdr[8:]), *self._kept.items()]
        chunks += [(b"IDAT", b"".join(part.parts)), (b"IEND", b"")]
        whole = PNG_SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)
        picture = PngImagePlugin.PngImageFile(io.BytesIO(whole))
        if self._cicp:
            picture.info["cicp"] = self._cicp
        return picture

    def _make_readable(self) -> None:
        """Put what was kept as Pillow reads it, and do without what neither it nor browsers can."""
        self._cicp = self._kept.pop(b"cICP", b"")
        refuse_unknown(self._cicp)
        if b"tRNS" in self._kept:
            colour = transparent_colour(self._ihdr, self._kept.pop(b"tRNS"))
            if colour is not None:
                self._kept[b"tRNS"] = colour  # behind the palette, where it belongs
        for kind in (b"iCCP", b"eXIf", b"cHRM", b"gAMA", b"sRGB"):
            try:
                self._opened(_Picture(1, 1, parts=[b""]))
            except DECODER_ERRORS:
                self._kept.pop(kind, None)

    def _read_chunks(self) -> None:
        """Walk through all chunks, up to IEND or the end of the file."""
        data, position = self.data, len(PNG_SIGNATURE)
        order = ChunkOrder(self._ihdr)
        while position + 8 <= len(data):
            length = int.from_bytes(data[position : position + 4])
            kind = data[position + 4 : position + 8]
            start, end = position + 8, position + 8 + length
            self.truncated |= end > len(data)
            body = data[start:end] if kind in _KNOWN else b""
            order.check(kind, body, data[end : end + 4])
            self._read_chunk(kind, body, start, min(end, len(data)))
            position = end + 4
            if kind == b"IEND":
                self.notes += extras.after_end(data, min(position, len(data)))
                break
        else:
            self.truncated = True
        order.finish()
        self.notes += extras.archive(data)

    def _read_chunk(self, kind: bytes, body: bytes, start: int, end: int) -> None:
        if kind in _KEPT:
            self._kept.setdefault(kind, body)
        elif kind == b"IDAT":
            self._still.parts.append(body)
        elif kind == b"fcTL" and len(body) >= 26:
            self._begin_frame(body)
        elif kind == b"fdAT" and self._animation:
            self._animation[-1].parts.append(body[4:])
        elif kind in _TEXTS:
            for note in extras.markup_in(_text(kind, body), "in a text"):
                self.note(note)
        elif kind not in _KNOWN:
            name = kind.decode("latin-1")
            self.notes += extras.within(self.data, start, end, f"in a chunk {name!r}")

    def _begin_frame(self, body: bytes) -> None:
        """Read a frame control chunk."""
        width, height, left, top = (int.from_bytes(body[i : i + 4]) for i in (4, 8, 12, 16))
        delay, unit = int.from_bytes(body[20:22]), int.from_bytes(body[22:24]) or 100
        picture = _Picture(
            width, height, left, top, played_for(1000 * delay // unit), body[24], body[25]
        )
        if not self._animation and not self._still.parts:
            # The still is the first frame: both share the list that IDAT chunks go to.
            picture.parts = self._still.parts
            self._still_is_first = True
        self._animation.append(picture)
        if len(self._animation) > self.limits.max_frames:
            self.limits.check_frames(len(self._animation), 1, 1)


class ApngReader(PngReader):
    """An animated PNG."""

    type = MediaType.APNG

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__(data, limits)
        self._animation = [p for p in self._animation if p.parts]
        for picture in self._animation:
            limits.check_canvas(picture.width, picture.height)
        self._has_extra_still = bool(self._still.parts) and not (
            self._still_is_first and self._animation
        )
        self.frame_count = len(self._animation) + self._has_extra_still
        self.duration_ms = sum(picture.duration_ms for picture in self._animation)
        limits.check_frames(self.frame_count, self._still.width, self._still.height)
        limits.check_duration(self.duration_ms)
        if self._has_extra_still and self._animation:
            self.note("a still picture for viewers without animation (screened as the last frame)")

    def frames(self) -> Iterator[Frame]:
        """Yield the animation, then the still picture if that is another one."""
        canvas = Image.new("RGBA", (self._still.width, self._still.height))
        time_ms = index = 0
        drawn = False
        for picture in self._animation:
            before = canvas.copy() if picture.dispose == _DISPOSE_PREVIOUS else None
            drawn |= self._draw(canvas, picture)
            shown = self._upright(canvas)
            yield from frames_of(
                shown, index=index, time_ms=time_ms, duration_ms=picture.duration_ms
            )
            if before is not None:
                canvas = before
            elif picture.dispose == _DISPOSE_BACKGROUND:
                area = (picture.left, picture.top)
                canvas.paste(Image.new("RGBA", (picture.width, picture.height)), area)
            index += 1
            time_ms += picture.duration_ms
        if self._has_extra_still or not drawn:
            yield from self._show_still(index, time_ms)
            index += 1
        self.frame_count, self.duration_ms = index, time_ms

    def _draw(self, canvas: Image.Image, part: _Picture) -> bool:
        """Draw one picture on the canvas; return whether anything of it could be decoded."""
        try:
            picture = self._opened(part)
            self.truncated |= not loaded(picture)
            drawn = Colours(picture.info).shown(picture).convert("RGBA")
        except (*DECODER_ERRORS, BrokenMedia):
            self.truncated = True
            return False
        if part.blend == _BLEND_OVER:
            canvas.alpha_composite(drawn.crop(_visible(drawn, part, canvas)), (part.left, part.top))
        else:
            canvas.paste(drawn, (part.left, part.top))
        return True

    def _upright(self, canvas: Image.Image) -> Image.Image:
        """Return the canvas, turned if the file's EXIF says so."""
        if b"eXIf" not in self._kept:
            return canvas
        still = self._opened(_Picture(1, 1, parts=[b""]))
        turned = canvas.copy()
        turned.info["exif"] = still.info.get("exif", b"")
        return upright(turned)


def _visible(drawn: Image.Image, part: _Picture, canvas: Image.Image) -> tuple[int, int, int, int]:
    """Return the part of a picture that lies on the canvas."""
    width = max(0, min(drawn.width, canvas.width - part.left))
    height = max(0, min(drawn.height, canvas.height - part.top))
    return 0, 0, width, height


def _size(ihdr: bytes) -> tuple[int, int]:
    width, height = int.from_bytes(ihdr[:4]), int.from_bytes(ihdr[4:8])
    if not width or not height:
        raise BrokenMedia("The PNG says that it has no width or no height; nobody can see it.")
    return width, height


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def _text(kind: bytes, body: bytes) -> bytes:
    """Return a text chunk's content, unpacked up to a bound."""
    keyword, _, rest = body.partition(b"\0")
    packed = rest[1:] if kind == b"zTXt" else b""
    if kind == b"iTXt" and rest[:1] == b"\x01":
        packed = rest[2:].split(b"\0", 2)[-1]
    if not packed:
        return keyword + rest
    try:
        return zlib.decompressobj().decompress(packed, _TEXT_AT_MOST)
    except zlib.error:
        return b""
