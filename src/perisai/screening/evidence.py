"""Gathers what the decoding worker says about one file, and distrusts it.

The worker has read hostile bytes. Whatever it sends is checked against what was asked for before it
is used; nonsense counts as a worker that died, which withholds the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perisai.errors import WorkerDied
from perisai.matching.clips import ClipSignature
from perisai.screening.result import Coverage, MediaFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perisai.media.wire import Message
    from perisai.screening.options import PrepareOptions

COLUMNS = 6
STILL_SHAPE = (96, 96)


@dataclass(frozen=True, slots=True)
class Shown:
    """One displayed picture: frame number, time, and the ordinal of the one that stands for it."""

    frame: int
    time_ms: int
    ordinal: int
    on_dark: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Views of distinct frames for one model: views uint8 (n, h, w, 3), and who they show."""

    model: int
    views: NDArray[np.uint8]
    shown: tuple[Shown, ...]


class Evidence:
    """Everything known of one file so far; fed with messages, asked for results."""

    def __init__(self, options: PrepareOptions) -> None:
        self.options = options
        self._facts: dict[str, Any] = {}
        self._over = False
        self._hashes: list[NDArray[np.uint8]] = []
        self.hash_owners: list[Shown] = []
        """Who each row of :attr:`hashes` belongs to."""
        self.variants: list[tuple[Shown, str, bytes, int]] = []
        self.representatives: dict[int, Shown] = {}
        self.stills: dict[int, NDArray[np.uint8]] = {}
        self._sequence: list[tuple[Shown, NDArray[np.uint8]]] = []
        self._of_representative: dict[int, NDArray[np.uint8]] = {}
        self._frames = self._hashed = self._looks = 0
        self._max_residual = 0.0

    def take(self, message: Message) -> list[Batch]:
        """Add one message and return the views in it; raises WorkerDied for nonsense."""
        head, arrays = message.head, message.arrays
        try:
            if head["kind"] == "frames":
                return self._frames_in(head, arrays)
            if head["kind"] not in ("media", "end"):
                raise ValueError(head["kind"])
            self._facts.update(head)
            self._over = head["kind"] == "end"
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise WorkerDied(
                "The decoder's answer made no sense; the file is withheld. "
                f"({type(error).__name__}: {error})"
            ) from error
        return []

    def _frames_in(self, head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> list[Batch]:
        table, residuals = arrays["table"], arrays["residuals"]
        _require(table.ndim == 2 and table.shape[1] == COLUMNS, "table")
        _require(residuals.shape == (len(table),) and bool(np.isfinite(residuals).all()), "bounds")
        rows = [Shown(int(r[0]), int(r[1]), int(r[2]), bool(r[4])) for r in table]
        self._frames += len(rows)
        self._hashed += int((table[:, 5] >= 50).sum())
        self._max_residual = max(self._max_residual, float(residuals.max(initial=0.0)))
        new = [row for row, line in zip(rows, table, strict=True) if line[3]]
        self.representatives.update((shown.ordinal, shown) for shown in new)
        self._take_hashes(rows, arrays)
        self._take_variants(rows, head, arrays)
        self._take_sequence(rows, table, residuals, arrays)
        if "stills" in arrays:
            stills = arrays["stills"]
            _require(stills.shape == (len(new), *STILL_SHAPE) and stills.dtype == np.uint8, "still")
            self.stills.update(
                (shown.frame, still) for shown, still in zip(new, stills, strict=True)
            )
        return self._batches(rows, arrays)

    def _take_hashes(self, rows: list[Shown], arrays: dict[str, NDArray[Any]]) -> None:
        if "hashes" not in arrays:
            return
        hashes, owners = arrays["hashes"], arrays["hash_rows"]
        _require(hashes.shape == (len(owners), 32) and hashes.dtype == np.uint8, "hashes")
        self._hashes.append(hashes)
        self.hash_owners.extend(_pick(rows, owners))

    def _take_variants(
        self,
        rows: list[Shown],
        head: dict[str, Any],
        arrays: dict[str, NDArray[Any]],
    ) -> None:
        if "variants" not in arrays:
            return
        bits, owners, names = arrays["variants"], arrays["variant_rows"], head["variant_names"]
        quality = arrays["variant_quality"]
        _require(bits.shape == (len(owners), 32) and bits.dtype == np.uint8, "variants")
        for shown, name, line, good in zip(_pick(rows, owners), names, bits, quality, strict=True):
            self.variants.append((shown, str(name), line.tobytes(), int(good)))

    def _take_sequence(
        self,
        rows: list[Shown],
        table: NDArray[Any],
        residuals: NDArray[Any],
        arrays: dict[str, NDArray[Any]],
    ) -> None:
        """Remember the hashes of every displayed frame in order, for clip lists."""
        forms = "variants" if self.options.variants else "hashes"
        if not (self.options.variants or self.options.hashes):
            return
        owners = arrays.get("variant_rows" if self.options.variants else "hash_rows")
        for number, shown in enumerate(rows):
            if table[number, 5] >= 0:
                mine = np.empty((0, 32), np.uint8)
                if owners is not None:
                    mine = arrays[forms][owners == number]
            elif residuals[number] == 0:  # equal to its representative, to the last bit
                mine = self._of_representative[shown.ordinal]
            else:  # equal to the frame before
                mine = self._sequence[-1][1]
            if table[number, 3]:
                self._of_representative[shown.ordinal] = mine
            self._sequence.append((shown, mine))

    def _batches(self, rows: list[Shown], arrays: dict[str, NDArray[Any]]) -> list[Batch]:
        batches = []
        for number, spec in enumerate(self.options.inputs):
            views = arrays.get(f"views{number}")
            if views is None:
                continue
            owners = arrays[f"view_rows{number}"]
            shape = (len(owners), spec.height, spec.width, 3)
            _require(views.shape == shape and views.dtype == np.uint8, "views")
            self._looks += len(views)
            batches.append(Batch(number, views, tuple(_pick(rows, owners))))
        return batches

    @property
    def hashes(self) -> NDArray[np.uint8]:
        """PDQ hashes to look up, uint8 (n, 32)."""
        return np.concatenate(self._hashes) if self._hashes else np.empty((0, 32), np.uint8)

    def clip(self) -> ClipSignature | None:
        """Return the sequence of pictures, or None for a single one.

        A transparent frame's light and dark forms are two forms of one picture.
        """
        frames: list[tuple[NDArray[np.uint8], int]] = []
        times = [shown.time_ms for shown, _ in self._sequence]
        end = int(self._facts.get("duration_ms", 0))
        for number, (shown, hashes) in enumerate(self._sequence):
            until = times[number + 1] if number + 1 < len(times) else end
            if number and shown.frame == self._sequence[number - 1][0].frame:
                frames[-1] = (np.concatenate([frames[-1][0], hashes]), until - shown.time_ms)
            else:
                frames.append((hashes, until - shown.time_ms))
        return ClipSignature.of(frames) if len(frames) > 1 else None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return int(self._facts["width"]), int(self._facts["height"])

    @property
    def facts(self) -> MediaFacts | None:
        """What the file is, or None if not even that could be told."""
        known = self._facts
        if "type" not in known:
            return None
        return MediaFacts(
            type=str(known["type"]),
            width=int(known["width"]),
            height=int(known["height"]),
            frames=int(known.get("frames", self._frames)),
            duration_ms=int(known.get("duration_ms", 0)),
            carries=tuple(str(thing) for thing in known.get("carries", ())),
            truncated=bool(known.get("truncated", False)),
        )

    @property
    def stages_ms(self) -> dict[str, float]:
        """Where the worker's time went."""
        return dict(self._facts.get("stages_ms", {}))

    def check_over(self) -> None:
        """Raise WorkerDied unless the worker has said that it saw the file to its end."""
        if not self._over or not self._frames:
            raise WorkerDied("The decoder stopped before the end; the file is withheld.")

    def coverage(self) -> Coverage:
        """How much was looked at."""
        return Coverage(
            frames=self._frames,
            classified=len(self.representatives),
            max_residual=self._max_residual,
            looks=self._looks,
            hashed=self._hashed,
        )


def _pick(rows: list[Shown], owners: NDArray[Any]) -> list[Shown]:
    _require(bool((owners >= 0).all()), "row numbers")
    return [rows[int(row)] for row in owners]


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(f"bad {what}")
