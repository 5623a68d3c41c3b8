"""Which format is this? Decided by the bytes alone, never by a name or a declared type.

Signatures: "MIME Sniffing" (WHATWG), sections 6 and 7; ISO/IEC 14496-12 (``ftyp`` brands); AV1
Image File Format (AVIF brands); RFC 8794 and RFC 9559 (EBML DocType); APNG (``acTL``
before ``IDAT``).
"""

from __future__ import annotations

from dataclasses import dataclass

from perisai.errors import UnknownMedia
from perisai.media.frames import MediaType

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EBML = b"\x1a\x45\xdf\xa3"
_HEAD = 1024
_LOOK_ALIKES = 64


@dataclass(frozen=True, slots=True)
class Signature:
    """What displayable files begin with: ``magic`` after ``at`` bytes, ``start`` at the first."""

    magic: bytes
    at: int = 0
    start: bytes = b""

    def begins(self, data: bytes, position: int = 0) -> bool:
        """Whether such a file begins at ``position``."""
        return data.startswith(self.magic, position + self.at) and data.startswith(
            self.start, position
        )

    def find(self, data: bytes, start: int, end: int) -> int:
        """Return where between two bytes the first such file begins; -1 if there is none."""
        place = start + self.at
        for _ in range(_LOOK_ALIKES):
            place = data.find(self.magic, place, end)
            if place < 0:
                break
            if self.begins(data, place - self.at):
                return place - self.at
            place += 1
        return -1


_GIFS = (Signature(b"GIF87a"), Signature(b"GIF89a"))
_PNG, _JPEG = Signature(PNG_SIGNATURE), Signature(b"\xff\xd8\xff")
_WEBP = Signature(b"WEBP", 8, start=b"RIFF")
_MATROSKA, _BOXES = Signature(_EBML), Signature(b"ftyp", 4)
SIGNATURES = (*_GIFS, _PNG, _JPEG, _WEBP, _BOXES, _MATROSKA)
"""Of all formats that some browser displays; the one table of them."""

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_FIRST_BOXES = frozenset({b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"styp", b"sidx"})

_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive (or an app or document packed as one)"),
    (b"%PDF-", "a PDF document"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x00\x00\x01\x00", "an icon file"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"8BPS", "a Photoshop document"),
    (b"OggS", "an Ogg file"),
    (b"FLV\x01", "a Flash video"),
    (b"ID3", "an MP3 file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)


def sniff(data: bytes) -> MediaType | None:
    """Return the format of ``data``, or None if it is none that Perisai can show."""
    if any(signature.begins(data) for signature in _GIFS):
        return MediaType.GIF
    if _PNG.begins(data):
        return MediaType.APNG if _is_animated_png(data) else MediaType.PNG
    if _JPEG.begins(data):
        return MediaType.JPEG
    if _WEBP.begins(data):
        return MediaType.WEBP
    if _MATROSKA.begins(data):
        return MediaType.WEBM if ebml_doctype(data) == b"webm" else None
    return _box_type(data)


def name_of(data: bytes, position: int) -> str:
    """Name in words the file that, by one of the signatures, begins at ``position``."""
    head = data[position : position + _HEAD]
    if _MATROSKA.begins(head):
        return "video (webm or Matroska)"
    kind = sniff(head)
    if kind is None and _brands(head) & _HEIF_BRANDS:
        return "image (heic)"
    return "video (mp4)" if kind in (None, MediaType.MP4) else f"image ({kind})"


def explain(data: bytes) -> UnknownMedia:
    """Return the error for bytes that :func:`sniff` does not know, naming what they seem to be."""
    formats = "Perisai screens GIF, WebP, APNG, PNG, JPEG, AVIF, MP4 and WebM"
    if not data:
        return UnknownMedia(f"The file is empty. {formats}.")
    return UnknownMedia(f"This is {_description(data)}, which is not screened. {formats}.")


def _description(data: bytes) -> str:
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if _BOXES.begins(data):
        return "a HEIF or HEIC picture" if _brands(data) & _HEIF_BRANDS else "an unknown MP4 kind"
    if _MATROSKA.begins(data):
        doctype = ebml_doctype(data).decode("ascii", "replace")
        return f"a Matroska file that is not WebM (its type is {doctype!r})"
    if data.startswith(_WEBP.start):
        return "a RIFF file that is not WebP (AVI or WAV, for instance)"
    for start, name in _OTHERS:
        if data.startswith(start):
            return name
    if b"<svg" in head:
        return "an SVG drawing, which can run scripts and load anything"
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "an HTML page"
    if head.startswith(b"<?xml"):
        return "an XML file"
    return "in no known picture or video format"


def _is_animated_png(data: bytes) -> bool:
    """Whether an ``acTL`` chunk stands before the first ``IDAT``, as the APNG format demands."""
    position = len(PNG_SIGNATURE)
    while position + 8 <= len(data):
        kind = data[position + 4 : position + 8]
        if kind == b"acTL":
            return True
        if kind in (b"IDAT", b"IEND"):
            return False
        position += 12 + int.from_bytes(data[position : position + 4])
    return False


def _box_type(data: bytes) -> MediaType | None:
    """Tell AVIF from MP4 by their brands; QuickTime files may start with another box."""
    if _BOXES.begins(data):
        brands = _brands(data)
        if brands & _AVIF_BRANDS:
            return MediaType.AVIF
        major = data[8:12]
        return None if major in _HEIF_BRANDS or major == b"jxl " else MediaType.MP4
    length = int.from_bytes(data[:4])
    if data[4:8] in _FIRST_BOXES and (length >= 8 or length in (0, 1)):
        return MediaType.MP4
    return None


def _brands(data: bytes) -> set[bytes]:
    """Return the major and the compatible brands of a leading ``ftyp`` box."""
    end = min(int.from_bytes(data[:4]), len(data), _HEAD)
    listed = {data[i : i + 4] for i in range(16, end - 3, 4)}
    return listed | {data[8:12]}


def ebml_doctype(data: bytes) -> bytes:
    """Return the DocType of an EBML header (``webm``, ``matroska``), or nothing."""
    header = data[:_HEAD]
    position = header.find(b"\x42\x82")  # the element DocType
    if position < 0 or position + 3 > len(header):
        return b""
    length = header[position + 2] & 0x7F
    return header[position + 3 : position + 3 + length].rstrip(b"\x00")
