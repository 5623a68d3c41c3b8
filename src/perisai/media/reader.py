"""What every format's reader has in common: it knows the file's facts and yields its frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from perisai.media.frames import Frame, MediaInfo, MediaType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.media.limits import MediaLimits


class Reader(ABC):
    """One file, opened: its header is read and within the limits, no picture is decoded yet.

    ``frame_count`` and ``duration_ms`` are what the headers say until :meth:`frames` has been read
    to its end; ``truncated`` and ``notes`` may grow meanwhile.
    """

    type: MediaType

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        self.data = data
        self.limits = limits
        self.width = 0
        self.height = 0
        self.frame_count = 0
        self.duration_ms = 0
        self.truncated = False
        self.notes: list[str] = []

    @abstractmethod
    def frames(self) -> Iterator[Frame]:
        """Yield every frame as displayed; raises a :class:`MediaError` if there is none."""

    def note(self, text: str) -> None:
        """Remember, once, something that the file carries besides its pictures."""
        if text not in self.notes:
            self.notes.append(text)

    def info(self) -> MediaInfo:
        """Return the facts as they are known now."""
        return MediaInfo(
            type=self.type,
            width=self.width,
            height=self.height,
            frames=self.frame_count,
            duration_ms=self.duration_ms,
            carries=tuple(self.notes),
            truncated=self.truncated,
        )
