"""What happens to one file inside the decoding worker.

Everything that touches pixels happens here, so that only what matching and models need leaves the
worker: hashes, and the views of distinct frames at the models' own size. This module and all it
imports must stay free of the inference engine and of Numba, so that memory limits bite.

Messages, in order (:class:`perisai.media.wire.Message`):

``media``
    type, width and height, before any frame is decoded.
``frames``, as often as needed
    ``table`` int64 (n, 6): frame number, time in ms, ordinal of the representative, 1 if the frame
    is that representative, 1 if on a dark background, PDQ quality or -1 if not hashed;
    ``residuals`` float32 (n,); ``sizes`` int32 (n, 2), width and height as displayed;
    ``hashes`` uint8 (k, 32) with ``hash_rows`` int32 (k,) pointing into
    the table; for the i-th model input ``views<i>`` uint8 (m, height, width, 3) with
    ``view_rows<i>`` int32 (m,); ``stills`` uint8 (r, 96, 96), one for each representative;
    ``variants`` uint8 (v, 32) with ``variant_rows`` and ``variant_quality``, their names in the
    head.
``end``
    facts about the whole file, and where the time went (ms per stage).
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from perisai.matching import variants
from perisai.media import open_media
from perisai.media.distinct import DistinctFrames
from perisai.media.wire import Message
from perisai.models.preprocess import views
from perisai.screening.options import SAME_HASH, PrepareOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from perisai.media.frames import Frame

THUMB = 256
"""Side of the square picture in which frames are compared; also OpenNSFW's own first step."""
STILL = 96
LOOKS_A_MESSAGE = 8
"""A batch that keeps the engine busy and a message small."""
ROWS_A_MESSAGE = 256


def prepare(payload: dict[str, Any], data: bytes | None) -> Iterator[Message]:
    """Decode one file and yield what matching and models need of it (see the module's text)."""
    if data is None:
        raise ValueError("prepare needs the bytes of a file")
    options = PrepareOptions.from_json(payload)
    timer = Timer()
    with timer("decode"):
        media = open_media(data, options.limits, named=options.named or None)
    info = media.info
    yield Message({"kind": "media", "type": info.type, "width": info.width, "height": info.height})
    work = _File(options, timer)
    frames = iter(media.frames())
    while True:
        with timer("decode"):
            frame = next(frames, None)
        if frame is None:
            break
        work.take(frame)
        if work.full:
            yield work.message()
    if work.rows:
        yield work.message()
    info = media.info
    yield Message(
        {
            "kind": "end",
            "frames": info.frames,
            "duration_ms": info.duration_ms,
            "carries": list(info.carries),
            "truncated": info.truncated,
            "stages_ms": {stage: round(1e3 * s, 3) for stage, s in timer.seconds.items()},
        }
    )


class Timer:
    """Adds up wall time by stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count the time spent inside the ``with`` block for ``stage``."""
        begin = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += perf_counter() - begin


class _File:
    """The work on one file: what was seen so far, and the message being filled."""

    def __init__(self, options: PrepareOptions, timer: Timer) -> None:
        self.options = options
        self.timer = timer
        self.distinct = DistinctFrames(options.bound, options.grid, options.every_frame)
        self.last: NDArray[np.uint8] | None = None
        self.last_ordinal = 0
        self.last_residual = 0.0
        self._clear()

    def _clear(self) -> None:
        self.rows: list[tuple[int, ...]] = []
        self.residuals: list[float] = []
        self.sizes: list[tuple[int, int]] = []
        self.looks = 0
        self.batches: defaultdict[str, list[NDArray[Any]]] = defaultdict(list)
        self.pointers: defaultdict[str, list[int]] = defaultdict(list)
        self.variant_names: list[str] = []

    @property
    def full(self) -> bool:
        return self.looks >= LOOKS_A_MESSAGE or len(self.rows) >= ROWS_A_MESSAGE

    def take(self, frame: Frame) -> None:
        """Place one displayed frame among the distinct ones, and hash and view it if it is new."""
        if self._is_held(frame):
            self._row(frame, self.last_ordinal, self.last_residual, new=False, quality=-1)
            return
        with self.timer("thumb"):
            picture = Image.fromarray(frame.pixels)
            thumb = picture.resize((THUMB, THUMB), Image.Resampling.BILINEAR)
        with self.timer("distinct"):
            place = self.distinct.place(np.asarray(thumb))
        new = place.representative is None
        ordinal = place.ordinal if place.representative is None else place.representative
        quality = self._hash(frame) if new or place.residual > SAME_HASH else -1
        if new:
            self._view(picture, thumb)
        self._row(frame, ordinal, place.residual, new=new, quality=quality)
        self.last, self.last_ordinal, self.last_residual = frame.pixels, ordinal, place.residual

    def _is_held(self, frame: Frame) -> bool:
        if self.last is None or self.options.every_frame:
            return False
        with self.timer("distinct"):
            return np.array_equal(self.last, frame.pixels)

    def _row(self, frame: Frame, ordinal: int, residual: float, *, new: bool, quality: int) -> None:
        dark = int(frame.background == "dark")
        self.rows.append((frame.index, frame.time_ms, ordinal, int(new), dark, quality))
        self.residuals.append(residual)
        height, width = frame.pixels.shape[:2]
        self.sizes.append((width, height))

    def _hash(self, frame: Frame) -> int:
        row, quality = len(self.rows), -1
        with self.timer("hash"):
            if self.options.hashes:
                hashes, quality = variants.query_hashes(frame.pixels)
                self._add("hashes", "hash_rows", hashes, row)
            if self.options.variants:
                for name, pdq in variants.list_hashes(frame.pixels):
                    quality = max(quality, pdq.quality)
                    if pdq.hashable:
                        bits = np.frombuffer(pdq.bits, np.uint8)[None]
                        self._add("variants", "variant_rows", bits, row)
                        self.variant_names.append(name)
                        self.pointers["variant_quality"].append(pdq.quality)
        return quality

    def _view(self, picture: Image.Image, thumb: Image.Image) -> None:
        whole = self.options.wants_border(*picture.size)
        row = len(self.rows)
        with self.timer("views"):
            for number, spec in enumerate(self.options.inputs):
                batch = views(picture, thumb, spec, whole=whole)
                self._add(f"views{number}", f"view_rows{number}", batch, row)
                self.looks += len(batch)
            if self.options.stills:
                grey = thumb.convert("L").resize((STILL, STILL), Image.Resampling.BOX)
                self.batches["stills"].append(np.asarray(grey)[None])

    def _add(self, name: str, rows_name: str, batch: NDArray[np.uint8], row: int) -> None:
        self.batches[name].append(batch)
        self.pointers[rows_name].extend([row] * len(batch))

    def message(self) -> Message:
        """Return the filled message and begin a new one."""
        with self.timer("pack"):
            arrays: dict[str, NDArray[Any]] = {
                "table": np.array(self.rows, np.int64),
                "residuals": np.array(self.residuals, np.float32),
                "sizes": np.array(self.sizes, np.int32),
            }
            arrays |= {name: np.concatenate(batch) for name, batch in self.batches.items()}
            arrays |= {name: np.array(rows, np.int32) for name, rows in self.pointers.items()}
            message = Message({"kind": "frames", "variant_names": [*self.variant_names]}, arrays)
        self._clear()
        return message
