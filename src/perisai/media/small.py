"""Small copies of a few frames of one file, made inside the decoding worker.

For a person who has to see what was found: the first frame, those in which something was found, and
others spread over the whole. What leaves the worker are pixels made small, nothing of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from perisai.media.distinct import SIDE, DistinctFrames
from perisai.media.limits import MediaLimits
from perisai.media.open import open_media
from perisai.media.wire import Message

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray


def small(payload: dict[str, Any], data: bytes | None) -> Iterator[Message]:
    """Yield at most ``most`` distinct frames, each at most ``side`` pixels long, oldest first.

    ``wanted`` are numbers of frames that are taken before others. Each message has the number of
    the frame in its head, and ``pixels`` (height, width, 3).
    """
    if data is None:
        raise ValueError("small needs the bytes of a file")
    most, side = int(payload["most"]), int(payload["side"])
    wanted = frozenset(payload["wanted"])
    kept: dict[int, NDArray[np.uint8]] = {}
    distinct, last, every = DistinctFrames(), -1, 1
    for frame in open_media(data, MediaLimits(**payload["limits"])).frames():
        if frame.index == last:
            continue  # the same frame on another background
        last = frame.index
        picture = Image.fromarray(frame.pixels)
        thumb = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        place = distinct.place(np.asarray(thumb))
        if last not in wanted and not (place.is_new and place.look % every == 0):
            continue
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        kept[last] = np.array(picture)
        if len(kept) > 4 * most + len(wanted):  # a long clip is not held in memory whole
            every *= 2
            kept = _thinned(kept, wanted)
    for number in chosen(sorted(kept), wanted, most):
        yield Message({"frame": number}, {"pixels": kept[number]})


def chosen(frames: list[int], wanted: Collection[int], most: int) -> list[int]:
    """Choose at most ``most`` of these frames: the first, the wanted ones, others spread evenly.

    >>> chosen([0, 3, 4, 8, 9, 20], {8}, 3)
    [0, 8, 9]
    >>> chosen([0, 3], (), 9)
    [0, 3]
    """
    taken = [*frames[:1], *(each for each in frames[1:] if each in wanted)][:most]
    rest = [each for each in frames if each not in taken]
    room = min(most - len(taken), len(rest))
    spread = [rest[(2 * place + 1) * len(rest) // (2 * room)] for place in range(room)]
    return sorted([*taken, *spread])


def _thinned(
    kept: dict[int, NDArray[np.uint8]], wanted: Collection[int]
) -> dict[int, NDArray[np.uint8]]:
    """Every second one of those that nobody asked for; the first stays."""
    others = [each for each in kept if each not in wanted]
    gone = set(others[1::2])
    return {number: pixels for number, pixels in kept.items() if number not in gone}
