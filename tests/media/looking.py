"""Small helpers of the media tests: open, read to the end, and name colours."""

from __future__ import annotations

import numpy as np

from perisai.media import Frame, MediaInfo, MediaLimits, open_media

RED, LIME, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
LETTERS = {RED: "R", LIME: "G", BLUE: "B", WHITE: "W", BLACK: "K"}


def look(data: bytes, limits: MediaLimits | None = None) -> tuple[list[Frame], MediaInfo]:
    """Return all frames and, after them, the facts."""
    media = open_media(data, limits or MediaLimits())
    return list(media.frames()), media.info


def letters(frame: Frame) -> str:
    """Write a small picture as letters, rows divided by a slash."""
    rows = frame.pixels.tolist()
    return "/".join("".join(LETTERS.get(tuple(p), "?") for p in row) for row in rows)


def drawn(data: bytes) -> list[str]:
    """Return every frame as letters; what is transparent is a dot."""
    frames, _ = look(data)
    pictures: dict[int, dict[str, str]] = {}
    for frame in frames:
        pictures.setdefault(frame.index, {})[frame.background] = letters(frame)
    return [
        views["opaque"] if "opaque" in views else _dotted(views["light"], views["dark"])
        for _, views in sorted(pictures.items())
    ]


def near(frame: Frame, colour: tuple[int, int, int], within: int = 6) -> bool:
    """Whether the whole frame has about this colour."""
    return int(np.abs(frame.pixels.astype(int) - colour).max()) <= within


def _dotted(light: str, dark: str) -> str:
    """Where white becomes black with the background, nothing was drawn."""
    return "".join("." if a == "W" and b == "K" else a for a, b in zip(light, dark, strict=True))
