"""How much of a machine one file may ask for, and the checks that are made before it gets it."""

from __future__ import annotations

from dataclasses import dataclass

from perisai.errors import TooLarge


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Limits on one file. Each is checked from headers before anything of that size is allocated.

    ``max_bytes`` counts the file, ``max_pixels`` the canvas (width x height), ``max_frames`` the
    displayed frames, ``max_duration_ms`` one run through all of them, and ``max_total_pixels`` all
    pixels that are decoded (frames x width x height).
    """

    max_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 25_000_000
    max_frames: int = 5_000
    max_duration_ms: int = 600_000
    max_total_pixels: int = 4_000_000_000

    def check_bytes(self, count: int) -> None:
        """Raise :class:`TooLarge` if the file has more than ``max_bytes`` bytes."""
        if count > self.max_bytes:
            raise TooLarge(
                f"The file has {count:,} bytes; the limit is {self.max_bytes:,}. "
                "Raise max_bytes in the media settings if such files are wanted."
            )

    def check_canvas(self, width: int, height: int) -> None:
        """Raise :class:`TooLarge` if width x height is over ``max_pixels``."""
        if width * height > self.max_pixels:
            raise TooLarge(
                f"The picture is {width:,} x {height:,} pixels; the limit is "
                f"{self.max_pixels:,} pixels. Raise max_pixels in the media settings if such "
                "pictures are wanted."
            )

    def check_frames(self, frames: int, width: int, height: int) -> None:
        """Raise :class:`TooLarge` if so many frames of this size are over a limit."""
        if frames > self.max_frames:
            raise TooLarge(
                f"The file has more than {self.max_frames:,} frames, which is the limit. "
                "Raise max_frames in the media settings if such clips are wanted."
            )
        if frames * width * height > self.max_total_pixels:
            raise TooLarge(
                f"{frames:,} frames of {width:,} x {height:,} are more than the "
                f"{self.max_total_pixels:,} pixels that may be decoded. Raise max_total_pixels in "
                "the media settings if such clips are wanted."
            )

    def check_duration(self, duration_ms: int) -> None:
        """Raise :class:`TooLarge` if the clip plays longer than ``max_duration_ms``."""
        if duration_ms > self.max_duration_ms:
            raise TooLarge(
                f"The clip plays longer than {self.max_duration_ms / 1000:g} seconds, which is "
                "the limit. Raise max_duration_ms in the media settings if such clips are wanted."
            )
