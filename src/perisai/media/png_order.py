"""Refuses PNGs that viewers read differently: what one of them shows, another would hide.

Decoders pass over what stands in the wrong place, or was damaged, each in its own way. libpng
ignores a tRNS chunk before the palette, a gAMA chunk after it and every chunk with a bad checksum;
others heed them. Chromium falls back to the still picture where an animation's chunks are out of
order, others play what they find. So a file of which a wrong place, length or checksum changes the
looks is refused; damage to pixels and texts is not, since that hides nothing.

Rules: PNG specification, third edition (W3C, 2025), sections 5.6 (order), 11.3.1.1 (tRNS), 11.3.2
(colours) and 11.3.6 (animation).
"""

from __future__ import annotations

import zlib

from perisai.errors import BrokenMedia

LOOKS = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP"})
"""Chunks besides IHDR, PLTE and the pixels that decide on what is seen."""
_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
_GAMMAS = range(20_000, 300_001)
"""Gammas in 100,000ths that a screen or a renderer may have. Steeper curves turn differences that
nobody sees into pictures, in samples of sixteen bits even such as are lost before they are read."""
_GREY, _RGB, _PALETTE = 0, 2, 3
_CONTROL_SIZE = 26


class ChunkOrder:
    """Looks at the chunks of one file, in their order; each method may raise BrokenMedia."""

    def __init__(self, ihdr: bytes) -> None:
        self._canvas = ihdr[:8] + bytes(8)  # as a frame control says it: size, then place
        self._depth, self._kind = ihdr[8], ihdr[9]
        self._looks: dict[bytes, bytes] = {}
        self._colours = 0
        self._header = self._pixels = False
        self._announced = self._parts = self._still_controlled = self._frame_began = False

    def check(self, kind: bytes, body: bytes, checksum: bytes) -> None:
        """Look at the next chunk; a ``checksum`` of less than 4 bytes means that it was cut."""
        cut = len(checksum) < 4
        if kind == b"IHDR":
            if self._header:
                raise _unlike("it has two headers")
            self._header = True
        elif kind == b"PLTE":
            self._colours = self._colours or len(body) // 3
        elif kind in LOOKS and not cut:
            self._check_looks(kind, body, checksum)
        elif kind == b"fcTL" and not cut:
            self._check_control(body)
        else:
            self._check_place(kind)

    def finish(self) -> None:
        """Look at the whole, after the last chunk."""
        if self._parts and not self._announced:
            raise _disordered("frames are not announced before the still picture")

    def _check_place(self, kind: bytes) -> None:
        """Check what an animation is announced with, and the pixels."""
        if kind == b"acTL":
            self._announced |= not self._pixels
        elif kind == b"fdAT" and not self._frame_began:
            raise _disordered("a frame has no control chunk of its own")
        elif kind == b"IDAT":
            if self._frame_began:
                raise _disordered("the still picture goes on after a frame")
            self._pixels = True

    def _check_looks(self, kind: bytes, body: bytes, checksum: bytes) -> None:
        name = kind.decode()
        if zlib.crc32(kind + body).to_bytes(4) != checksum:
            raise _unlike(f"its {name} chunk is damaged")
        if self._looks.setdefault(kind, body) != body:
            raise _unlike(f"it has two {name} chunks")
        # Colours belong before the palette, transparency behind it.
        if self._pixels or (self._colours and kind != b"tRNS"):
            raise _unlike(f"its {name} chunk stands in the wrong place")
        right = self._is_sound_trns(body) if kind == b"tRNS" else True
        if not right or len(body) != _LENGTHS.get(kind, len(body)):
            raise _unlike(f"its {name} chunk does not fit it")
        value = int.from_bytes(body)
        if kind == b"gAMA" and value and value not in _GAMMAS:  # 0 is ignored by all
            raise _unlike(f"no screen has its gamma of {value / 100_000:g}")
        if kind == b"sRGB" and value > 3:
            raise _unlike("its sRGB chunk names no known intent")

    def _is_sound_trns(self, body: bytes) -> bool:
        if self._kind == _PALETTE:
            return 0 < len(body) <= self._colours
        samples = {_GREY: 1, _RGB: 3}.get(self._kind)
        if samples is None:
            return True  # beside an alpha channel all ignore it
        values = [int.from_bytes(body[at : at + 2]) for at in range(0, len(body), 2)]
        return len(body) == 2 * samples and max(values) < 1 << self._depth

    def _check_control(self, body: bytes) -> None:
        """Check a frame control chunk, before or after the still picture's pixels."""
        self._parts = True
        if len(body) != _CONTROL_SIZE or not any(body[4:8]) or not any(body[8:12]):
            raise _disordered("a frame has no size")
        if self._pixels:
            self._frame_began = True
        elif self._still_controlled or body[4:20] != self._canvas:
            raise _disordered("the still picture and the first frame do not agree")
        else:
            self._still_controlled = True


def transparent_colour(ihdr: bytes, body: bytes) -> bytes | None:
    """Return a tRNS chunk as Pillow has to read it: it compares with samples of eight bits.

    None if the picture has an alpha channel, which goes before.
    """
    depth, kind = ihdr[8], ihdr[9]
    if kind == _GREY and depth in (2, 4):
        return (int.from_bytes(body) * 255 // ((1 << depth) - 1)).to_bytes(2)
    if kind == _RGB and depth == 16:
        return bytes((0, body[0], 0, body[2], 0, body[4]))
    return body if kind in (_GREY, _RGB, _PALETTE) else None


def _unlike(reason: str) -> BrokenMedia:
    return BrokenMedia(
        f"The PNG looks different in different viewers: {reason}. Save it anew with an image "
        "editor."
    )


def _disordered(reason: str) -> BrokenMedia:
    return BrokenMedia(
        f"The PNG's animation is out of order, and viewers disagree on it: {reason}. Save it anew "
        "with an animation editor."
    )
