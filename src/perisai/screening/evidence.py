"""Gathers what the decoding worker says about one file, and distrusts it.

The worker has read hostile bytes. Whatever it sends is checked against what was asked for before it
is used; nonsense counts as a worker that died, which withholds the file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from perisai.errors import WorkerDied
from perisai.matching.clips import ClipSignature
from perisai.matching.pdq import MIN_QUALITY
from perisai.media.frames import MediaType
from perisai.models.preprocess import view_count
from perisai.screening.options import SAME_HASH
from perisai.screening.result import Coverage, MediaFacts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perisai.media.wire import Message
    from perisai.screening.options import PrepareOptions

COLUMNS = 6
STILL_SHAPE = (96, 96)
MOST_HASHES = 256
"""Hashes of one picture: more than there are ways to look it up or to store it."""
MOST_TEXTS, LONGEST_TEXT = 50, 300


@dataclass(frozen=True, slots=True)
class Shown:
    """One displayed picture: frame number, time, and the ordinal of the one that stands for it."""

    frame: int
    time_ms: int
    ordinal: int
    on_dark: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Views of distinct frames for one model: views uint8 (n, h, w, 3), and who they show.

    ``sizes`` are width and height of the n pictures, which may differ within one video.
    """

    model: int
    views: NDArray[np.uint8]
    shown: tuple[Shown, ...]
    sizes: tuple[tuple[int, int], ...]


class Evidence:
    """Everything known of one file so far; fed with messages, asked for results."""

    def __init__(self, options: PrepareOptions) -> None:
        self.options = options
        self.size = (0, 0)
        """Width and height of the picture."""
        self.facts: MediaFacts | None = None
        """What the file is, or None if not even that could be told."""
        self.stages_ms: dict[str, float] = {}
        """Where the worker's time went."""
        self._over = False
        self._hashes: list[NDArray[np.uint8]] = []
        self.hash_owners: list[Shown] = []
        """Who each row of :attr:`hashes` belongs to."""
        self.variants: list[tuple[Shown, str, bytes, int]] = []
        self.representatives: dict[int, Shown] = {}
        """The pictures that are looked at themselves, by ordinal."""
        self.stills: dict[int, NDArray[np.uint8]] = {}
        """Small grey pictures of them, by ordinal."""
        self._sequence: list[tuple[Shown, NDArray[np.uint8]]] = []
        self._of_representative: dict[int, NDArray[np.uint8]] = {}
        self._frames = self._numbers = self._looks = 0
        self._last: Shown | None = None
        self._max_residual = 0.0

    def take(self, message: Message) -> list[Batch]:
        """Add one message and return the views in it; raises WorkerDied for nonsense."""
        head, arrays = message.head, message.arrays
        try:
            _require(not self._over, "message after the end")
            if head["kind"] == "frames":
                _require(self.facts is not None, "order")
                return self._frames_in(head, arrays)
            if head["kind"] == "media":
                self._begin(head)
            elif head["kind"] == "end":
                self._end(head)
            else:
                raise ValueError("unknown kind")
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise WorkerDied(
                "The decoder's answer made no sense; the file is withheld. "
                f"({type(error).__name__}: {_plain(str(error))})"
            ) from error
        return []

    def _begin(self, head: dict[str, Any]) -> None:
        _require(self.facts is None, "second beginning")
        self.size = (_count(head["width"], 1), _count(head["height"], 1))
        self.facts = MediaFacts(MediaType(head["type"]).value, *self.size, 0, 0)

    def _end(self, head: dict[str, Any]) -> None:
        _require(self.facts is not None and self._frames > 0, "end without frames")
        assert self.facts is not None  # noqa: S101 - said above
        # Else a frame could be passed over, and nobody would know.
        _require(_count(head["frames"]) == self._numbers, "number of frames")
        self.facts = replace(
            self.facts,
            frames=self._numbers,
            duration_ms=_count(head["duration_ms"]),
            carries=tuple(_plain(str(thing)) for thing in [*head["carries"]][:MOST_TEXTS]),
            truncated=bool(head["truncated"]),
        )
        self.stages_ms = {
            _plain(str(name)): float(ms) for name, ms in [*head["stages_ms"].items()][:MOST_TEXTS]
        }
        self._over = True

    def _frames_in(self, head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> list[Batch]:
        table, residuals = arrays["table"], arrays["residuals"]
        self._check_table(table, residuals)
        rows = [Shown(int(r[0]), int(r[1]), int(r[2]), bool(r[4])) for r in table]
        new = np.flatnonzero(table[:, 3])
        batches = self._batches(rows, new, arrays)
        for row, shown in enumerate(rows):
            self._place(shown, new=bool(table[row, 3]))
        self._frames += len(rows)
        _require(self._frames <= 2 * self.options.limits.max_frames, "number of pictures")
        self._max_residual = max(self._max_residual, float(residuals.max(initial=0.0)))
        self._take_hashes(rows, table, arrays)
        self._take_variants(rows, table, head, arrays)
        self._take_sequence(rows, table, residuals, arrays)
        if self.options.stills and len(new):
            stills = arrays["stills"]
            _require(stills.shape == (len(new), *STILL_SHAPE) and stills.dtype == np.uint8, "still")
            self.stills.update((rows[r].ordinal, s) for r, s in zip(new, stills, strict=True))
        return batches

    def _check_table(self, table: NDArray[Any], residuals: NDArray[Any]) -> None:
        shape = table.ndim == 2 and table.shape[1] == COLUMNS and table.dtype == np.int64
        _require(shape and bool((table[:, :3] >= 0).all()), "table")
        _require(bool(np.isin(table[:, 3:5], (0, 1)).all()), "flags")
        shape = residuals.shape == (len(table),) and residuals.dtype == np.float32
        # A hair more than the bound: it was rounded on its way. NaN fails, too.
        most = self.options.bound + 1e-3
        _require(shape and bool(((residuals >= 0) & (residuals <= most)).all()), "residuals")
        if self.options.every_frame:
            _require(bool(table[:, 3].all()), "frame that was passed over")

    def _place(self, shown: Shown, *, new: bool) -> None:
        """Hold one row against those before it: numbers and times grow, its look is there."""
        last = self._last
        _require((shown.ordinal in self.representatives) != new, "ordinal")
        if last is None or shown.frame != last.frame:
            _require(shown.frame == self._numbers, "frame number")
            self._numbers += 1
        _require(last is None or shown.time_ms >= last.time_ms, "time")
        if new:
            self.representatives[shown.ordinal] = shown
        self._last = shown

    def _take_hashes(
        self, rows: list[Shown], table: NDArray[Any], arrays: dict[str, NDArray[Any]]
    ) -> None:
        if not self.options.hashes:
            return
        none = np.empty((0, 32), np.uint8), np.empty(0, np.int32)
        hashes, owners = arrays.get("hashes", none[0]), arrays.get("hash_rows", none[1])
        _require(hashes.shape == (len(owners), 32) and hashes.dtype == np.uint8, "hashes")
        _require(len(hashes) <= MOST_HASHES * len(rows), "number of hashes")
        self.hash_owners.extend(_pick(rows, owners))
        self._hashes.append(hashes)
        # A picture that can be looked up is; only one that is not new may go without.
        has_some = np.bincount(owners, minlength=len(rows)) > 0
        _require(np.array_equal(has_some, table[:, 5] >= MIN_QUALITY), "owners of hashes")
        _require(bool((table[table[:, 3] == 1, 5] >= 0).all()), "picture without a hash")

    def _take_variants(
        self,
        rows: list[Shown],
        table: NDArray[Any],
        head: dict[str, Any],
        arrays: dict[str, NDArray[Any]],
    ) -> None:
        if not self.options.variants or "variants" not in arrays:
            return
        bits, owners, names = arrays["variants"], arrays["variant_rows"], head["variant_names"]
        _require(bits.shape == (len(owners), 32) and bits.dtype == np.uint8, "variants")
        _require(len(names) == len(owners) <= MOST_HASHES * len(rows), "number of variants")
        for shown, row, name, line in zip(_pick(rows, owners), owners, names, bits, strict=True):
            self.variants.append((shown, _plain(str(name)), line.tobytes(), int(table[row, 5])))

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
            elif residuals[number] <= SAME_HASH:
                mine = self._of_representative[shown.ordinal]
            else:  # equal to the frame before
                mine = self._sequence[-1][1]
            if table[number, 3]:
                self._of_representative[shown.ordinal] = mine
            self._sequence.append((shown, mine))

    def _batches(
        self, rows: list[Shown], new: NDArray[Any], arrays: dict[str, NDArray[Any]]
    ) -> list[Batch]:
        """Return the views of the new pictures; each of them must have all of its own."""
        batches = []
        sizes = arrays["sizes"]
        _require(sizes.shape == (len(rows), 2) and sizes.dtype == np.int32, "sizes")
        _require(bool((sizes > 0).all()), "size")
        whole = [self.options.wants_border(*size) for size in sizes[new].tolist()]
        for number, spec in enumerate(self.options.inputs if len(new) else ()):
            views, owners = arrays[f"views{number}"], arrays[f"view_rows{number}"]
            expected = np.repeat(new, [view_count(spec, whole=each) for each in whole])
            _require(np.array_equal(owners, expected), "owners of views")
            shape = (len(expected), spec.height, spec.width, 3)
            _require(views.shape == shape and views.dtype == np.uint8, "views")
            self._looks += len(views)
            shown = tuple(rows[row] for row in expected)
            seen = tuple((int(w), int(h)) for w, h in sizes[expected])
            batches.append(Batch(number, views, shown, seen))
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
        end = self.facts.duration_ms if self.facts else 0
        for number, (shown, hashes) in enumerate(self._sequence):
            until = times[number + 1] if number + 1 < len(times) else end
            if number and shown.frame == self._sequence[number - 1][0].frame:
                frames[-1] = (np.concatenate([frames[-1][0], hashes]), until - shown.time_ms)
            else:
                frames.append((hashes, until - shown.time_ms))
        return ClipSignature.of(frames) if len(frames) > 1 else None

    def check_over(self) -> None:
        """Raise WorkerDied unless the worker has said that it saw the file to its end."""
        if not self._over:
            raise WorkerDied("The decoder stopped before the end; the file is withheld.")

    def coverage(self) -> Coverage:
        """How much was looked at."""
        return Coverage(
            frames=self._frames,
            classified=len(self.representatives),
            max_residual=self._max_residual,
            looks=self._looks,
            hashed=sum(len(hashes) > 0 for _, hashes in self._sequence),
        )


def _pick(rows: list[Shown], owners: NDArray[Any]) -> list[Shown]:
    _require(owners.ndim == 1 and owners.dtype == np.int32, "owners")
    _require(bool(((owners >= 0) & (owners < len(rows))).all()), "row numbers")
    return [rows[row] for row in owners]


def _count(value: object, least: int = 0) -> int:
    if type(value) is not int or value < least:  # True is an int to isinstance
        raise ValueError("bad number")
    return value


def _plain(text: str) -> str:
    """A worker's words, fit for a terminal: short, and without control characters."""
    return "".join(c if c.isprintable() else " " for c in text[:LONGEST_TEXT])


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(f"bad {what}")
