"""The one door to all formats: bytes or a path in, displayed frames out."""

from __future__ import annotations

import os
import stat
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.errors import MediaError
from perisai.media.frames import Frame, MediaInfo, MediaType
from perisai.media.guard import broken
from perisai.media.limits import MediaLimits
from perisai.media.sniff import explain, sniff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.media.reader import Reader

_READERS = {
    MediaType.GIF: ("perisai.media.gif", "GifReader"),
    MediaType.WEBP: ("perisai.media.webp", "WebpReader"),
    MediaType.APNG: ("perisai.media.png", "ApngReader"),
    MediaType.PNG: ("perisai.media.png", "PngReader"),
    MediaType.JPEG: ("perisai.media.still", "JpegReader"),
    MediaType.AVIF: ("perisai.media.avif", "AvifReader"),
    MediaType.MP4: ("perisai.media.video", "Mp4Reader"),
    MediaType.WEBM: ("perisai.media.video", "WebmReader"),
}
"""Imported when a file of the type is opened: FFmpeg alone costs a tenth of a second."""

_NAMES = {
    ".gif": {MediaType.GIF},
    ".webp": {MediaType.WEBP},
    ".png": {MediaType.PNG, MediaType.APNG},
    ".apng": {MediaType.APNG, MediaType.PNG},
    ".jpg": {MediaType.JPEG},
    ".jpeg": {MediaType.JPEG},
    ".jfif": {MediaType.JPEG},
    ".avif": {MediaType.AVIF},
    ".avifs": {MediaType.AVIF},
    ".mp4": {MediaType.MP4},
    ".m4v": {MediaType.MP4},
    ".mov": {MediaType.MP4},
    ".webm": {MediaType.WEBM},
}


_DEFAULTS = MediaLimits()


class Media:
    """An opened file; get one from :func:`open_media`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def info(self) -> MediaInfo:
        """Facts about the file, complete once :meth:`frames` has been read to its end."""
        return self._reader.info()

    def frames(self) -> Iterator[Frame]:
        """Yield every displayed frame, in order; each call decodes from the start.

        A frame that is transparent somewhere comes on several backgrounds.
        Raises :class:`~perisai.errors.TooLarge` when a limit is passed on the way, and
        :class:`~perisai.errors.BrokenMedia` when no picture can be made at all.
        """
        with broken(f"{self._reader.type} file"):
            yield from self._reader.frames()


def open_media(
    source: bytes | bytearray | memoryview | str | os.PathLike[str],
    limits: MediaLimits = _DEFAULTS,
    *,
    named: str | None = None,
) -> Media:
    """Open media in this process (hostile files belong into :mod:`perisai.media.sandbox`).

    ``source`` is the content, or the path of a file. The format is told by the content; ``named``
    (by default the path's name) only serves to say so when the two disagree. Raises
    :class:`~perisai.errors.UnknownMedia`, :class:`~perisai.errors.BrokenMedia`,
    :class:`~perisai.errors.TooLarge`, or a plain :class:`~perisai.errors.MediaError` when the file
    cannot be read.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        limits.check_bytes(len(source))
        data = bytes(source)
    else:
        named = named or os.fspath(source)
        data = _content(Path(source), limits)
    kind = sniff(data)
    if kind is None:
        raise explain(data)
    module, name = _READERS[kind]
    with broken(f"{kind} file"):
        reader: Reader = getattr(import_module(module), name)(data, limits)
    suffix = Path(named).suffix.lower() if named else ""
    if suffix and kind not in _NAMES.get(suffix, {kind}):
        reader.notes.insert(0, f"it is named {suffix} but its content is {kind}")
    return Media(reader)


def _content(path: Path, limits: MediaLimits) -> bytes:
    """Read a file after looking at its size; a pipe or device is not waited for."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise MediaError(f"{path} is not a file.")
        limits.check_bytes(facts.st_size)
        with path.open("rb") as file:
            data = file.read(limits.max_bytes + 1)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {error.strerror or error}.") from error
    limits.check_bytes(len(data))
    return data
