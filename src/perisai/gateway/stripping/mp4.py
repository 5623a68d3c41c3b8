"""MP4 and AVIF: metadata is overwritten where it stands, since the pictures are found by offsets.

A box that goes becomes ``free`` with as many zeros. Formats: ISO/IEC 14496-12, sections 4.2, 8.1.2,
8.4.3, 8.10 and 8.11; ISO/IEC 23008-12, annex A (Exif items of AVIF). What lies among the coded
pictures themselves (an encoder's own notes, samples that no track names) is not looked for.
"""

from __future__ import annotations

from perisai.gateway.stripping.avif_items import blank_items
from perisai.media.boxes import boxes

_CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf", b"edts"}
)
_TOP = frozenset({b"ftyp", b"styp", b"mdat", b"moov", b"moof", b"sidx", b"ssix", b"mfra", b"prft"})
_GONE = frozenset(
    {b"udta", b"meta", b"uuid", b"free", b"skip", b"wide", b"meco", b"emsg", b"pnot", b"PICT",
     b"pdin", b"grpl", b"Xtra", b"clip", b"matt", b"kmat", b"imap", b"load"}
)  # fmt: skip
_TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_SHOWN = frozenset({b"vide", b"pict", b"auxv"})
"""Handlers of tracks with pictures; sound, subtitles and positions are not screened by anybody."""
_DEEPEST = 8


def strip_mp4(data: bytes) -> bytes:
    """Return the film without metadata, sound, subtitles and what follows its end."""
    return _Film(data, avif=False).stripped()


def strip_avif(data: bytes) -> bytes:
    """Return the AVIF without metadata and what follows its end."""
    return _Film(data, avif=True).stripped()


class _Film:
    """One file; ``out`` is its copy, of the same length until what was appended is cut off."""

    def __init__(self, data: bytes, *, avif: bool) -> None:
        self.data = data
        self.out = bytearray(data)
        self.avif = avif
        self.silenced: set[int] = set()
        """Numbers of the tracks that went."""

    def stripped(self) -> bytes:
        end = 0
        for kind, start, stop in boxes(self.data, 0, len(self.data)):
            if stop < 0 or not self._belongs(kind):
                break
            self._box(kind, end, start, min(stop, len(self.data)), 0)
            end = min(stop, len(self.data))
        return bytes(self.out[:end]) if end else self.data

    def _belongs(self, kind: bytes) -> bool:
        return kind in _TOP or kind in _GONE

    def _box(self, kind: bytes, begin: int, start: int, stop: int, depth: int) -> None:
        """Strip the box from ``begin`` to ``stop``, whose content begins at ``start``."""
        if kind == b"meta" and self.avif:
            blank_items(self.data, self.out, start, stop)
        elif kind in _GONE:
            self._free(begin, start, stop)
        elif kind in _CONTAINERS and depth < _DEEPEST:
            if self._is_unseen(kind, start, stop):
                self._free(begin, start, stop)
                return
            position = start
            for inner, inner_start, inner_stop in boxes(self.data, start, stop):
                if not 0 <= inner_stop <= stop:
                    break
                self._box(inner, position, inner_start, inner_stop, depth + 1)
                position = inner_stop
        elif kind in _TIMED and stop - start >= 20:
            version_1 = self.data[start] == 1
            self._zero(start + 4, start + (20 if version_1 else 12))
        elif kind == b"hdlr":
            self._zero(start + 24, stop)  # a name for people

    def _is_unseen(self, kind: bytes, start: int, stop: int) -> bool:
        """Whether this is a track without pictures, or a fragment of one."""
        if self.avif:
            return False  # its reader refuses what has other tracks
        if kind == b"trak":
            handler = self._find((b"mdia", b"hdlr"), start, stop)
            header = self._find((b"tkhd",), start, stop)
            if handler < 0 or self.data[handler + 8 : handler + 12] in _SHOWN:
                return False
            if header >= 0:
                at = header + (20 if self.data[header] == 1 else 12)
                self.silenced.add(int.from_bytes(self.data[at : at + 4]))
            return True
        if kind == b"traf" and self.silenced:
            header = self._find((b"tfhd",), start, stop)
            number = int.from_bytes(self.data[header + 4 : header + 8])
            return header >= 0 and number in self.silenced
        return False

    def _find(self, way: tuple[bytes, ...], start: int, stop: int) -> int:
        """Return where the content of the first box on this way begins; -1 if there is none."""
        for kind, inner_start, inner_stop in boxes(self.data, start, stop):
            if not 0 <= inner_stop <= stop:
                break
            if kind == way[0]:
                return self._find(way[1:], inner_start, inner_stop) if way[1:] else inner_start
        return -1

    def _free(self, begin: int, start: int, stop: int) -> None:
        self.out[begin + 4 : begin + 8] = b"free"
        self._zero(start, stop)

    def _zero(self, start: int, stop: int) -> None:
        if start < stop:
            self.out[start:stop] = bytes(stop - start)
