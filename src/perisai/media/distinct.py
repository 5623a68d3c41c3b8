"""Which frames need a look of their own, and which are as good as one that had it.

Every frame is either a *representative*, to be looked at, or differs from a representative by at
most a bound **in every tile** of the picture: a mean over the whole picture would miss a small
inset. In a picture of little contrast the bound shrinks with it. Frames are compared with
representatives only, never with their neighbours, so that a slow fade cannot drift away, and with
all that are remembered, so that loops, boomerangs and held frames are recognised wherever they come
back. docs/decisions/0004 has the reasons and the measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 256
"""Frames are compared as pictures of 256 x 256 pixels."""
_CHANNELS = 3
_CELL = 8
"""Cells of 8 x 8 pixels, each channel apart, are the finer of the two signatures."""
_CELLS = SIDE // _CELL
_NEAREST = 32
_COMPARED = 8
"""How many representatives are weighed by cells, and how many of those pixel by pixel.

They bound the work a hostile clip can cause. A representative that is passed over costs a look at
one frame more; it can never save one.
"""
FULL_CONTRAST = 24.0
"""Standard deviation (0..127) of a frame's values from which the bound holds in full."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a frame belongs.

    ``ordinal`` counts the placed frames from 0. ``representative`` is the ordinal of the frame that
    stands for this one, or None if this frame is a new representative. ``look`` counts the
    representatives from 0: the number of the one that stands for this frame, its own if it is new.
    ``residual`` (0..255) is how far the two are apart: the largest of the tiles' mean absolute
    differences over pixels and channels; 0.0 for a representative.
    """

    representative: int | None
    ordinal: int
    residual: float
    look: int

    @property
    def is_new(self) -> bool:
        """Whether this frame has to be looked at."""
        return self.representative is None


class DistinctFrames:
    """Places the frames of one file, in any order, one after another."""

    def __init__(
        self,
        bound: float = 12.0,
        grid: int = 16,
        every_frame: bool = False,
        *,
        remember: int = 512,
        full_contrast: float = FULL_CONTRAST,
    ) -> None:
        """Choose how alike is alike enough.

        ``bound``: the largest residual of a frame that is not looked at (0: equal in every byte).
        ``grid``: tiles in each direction: 1, 2, 4, 8, 16 or 32. ``every_frame``: look at every
        frame, even at one that is equal to another in every byte. ``remember``: how many
        representatives are kept for comparison (196,608 bytes each, and 6 KB of signature); the
        oldest is forgotten first, and a frame like it then counts as new. ``full_contrast``: the
        standard deviation of a frame's values from which the bound holds in full.
        """
        if grid not in (1, 2, 4, 8, 16, 32):
            raise ValueError("grid must be 1, 2, 4, 8, 16 or 32")
        if not 0 <= bound <= 255 or remember < 1:
            raise ValueError("bound must lie in 0..255, and remember be at least 1")
        self.bound = float(bound)
        self.grid = grid
        self.every_frame = every_frame
        self.remember = remember
        self._full_contrast = full_contrast
        self.placed = 0
        """Frames so far."""
        self.looks = 0
        """Representatives so far."""
        self.max_residual = 0.0
        """The largest residual so far."""
        self._values = (SIDE // grid) ** 2 * _CHANNELS  # in one tile
        # Sums are whole numbers, so that comparing them with the bound involves no rounding.
        self._limit = int(np.floor(self.bound * self._values))
        self._pictures: list[NDArray[np.uint8]] = []
        self._ordinals: list[int] = []
        self._looks: list[int] = []
        # Sums over tiles and over cells; rows in use are as many as there are pictures.
        self._tiles = np.empty((0, grid * grid), np.int32)
        self._cells = np.empty((0, _CELLS, _CELLS * _CHANNELS), np.int16)
        self._room = np.empty((2, SIDE, SIDE, _CHANNELS), np.uint8)

    def place(self, thumb: NDArray[np.uint8]) -> Placement:
        """Place the next frame, given as a (256, 256, 3) uint8 picture. It may be reused after."""
        if thumb.shape != (SIDE, SIDE, _CHANNELS) or thumb.dtype != np.uint8:
            raise ValueError(f"a frame is placed as {SIDE} x {SIDE} x {_CHANNELS} bytes")
        ordinal = self.placed
        self.placed += 1
        if self.every_frame:
            self.looks += 1
            return Placement(None, ordinal, 0.0, self.looks - 1)
        thumb = np.ascontiguousarray(thumb)
        cells = _sum_cells(thumb)
        tiles = self._sum_tiles(cells)
        limit = self._limit_for(thumb)
        for at in self._candidates(tiles, cells):
            worst = self._worst_tile(thumb, self._pictures[at])
            if worst <= limit:
                residual = worst / self._values
                self.max_residual = max(self.max_residual, residual)
                return Placement(self._ordinals[at], ordinal, residual, self._looks[at])
        self._keep(thumb, cells, tiles, ordinal)
        return Placement(None, ordinal, 0.0, self.looks - 1)

    def _limit_for(self, thumb: NDArray[np.uint8]) -> int:
        """The largest sum of a tile's differences at which this frame needs no look of its own.

        A difference of 12 is next to nothing in a photograph, but in a faint picture it may be the
        whole picture: where a frame has little contrast, the bound shrinks with it.
        """
        contrast = float(thumb[::4, ::4].std())
        if contrast >= self._full_contrast:
            return self._limit
        return int(self._limit * contrast / self._full_contrast)

    def _candidates(self, tiles: NDArray[np.int32], cells: NDArray[np.int16]) -> list[int]:
        """Rows of representatives that may be within the bound, the likeliest first.

        The difference of two sums is never more than the sum of the differences. So no tile of a
        picture within the bound has a difference of sums above the limit, be it over the tile or,
        added up, over the cells of the tile: what fails either test is out, without an error.
        """
        kept = len(self._pictures)
        if not kept:
            return []
        lower = np.abs(self._tiles[:kept] - tiles).max(axis=1)
        rows = np.flatnonzero(lower <= self._limit)
        if len(rows) > _NEAREST:
            rows = rows[np.argsort(lower[rows], kind="stable")[:_NEAREST]]
        if not len(rows):
            return []
        apart = np.abs(self._cells[rows] - cells)  # 64 * 255 at most: int16 holds it
        lower = self._sum_tiles(apart).max(axis=1)
        order = np.argsort(lower, kind="stable")[:_COMPARED]
        return [int(rows[at]) for at in order if lower[at] <= self._limit]

    def _sum_tiles(self, cells: NDArray[np.int16]) -> NDArray[np.int32]:
        """Sums of cells over each tile; (..., 32, 96) -> (..., grid * grid)."""
        side = _CELLS // self.grid
        front = cells.shape[:-2]
        rows = cells.reshape(*front, self.grid, side, -1).sum(axis=-2, dtype=np.int32)
        sums: NDArray[np.int32] = rows.reshape(*front, self.grid * self.grid, -1).sum(
            axis=-1, dtype=np.int32
        )
        return sums

    def _worst_tile(self, one: NDArray[np.uint8], two: NDArray[np.uint8]) -> int:
        """The largest of the tiles' sums of absolute differences."""
        high, low = self._room
        np.maximum(one, two, out=high)
        np.minimum(one, two, out=low)
        np.subtract(high, low, out=high)
        side = SIDE // self.grid
        # 256 rows of 255 still fit into 16 bits.
        rows = high.reshape(self.grid, side, -1).sum(axis=1, dtype=np.uint16)
        return int(rows.reshape(self.grid, self.grid, -1).sum(axis=2, dtype=np.uint32).max())

    def _keep(
        self,
        thumb: NDArray[np.uint8],
        cells: NDArray[np.int16],
        tiles: NDArray[np.int32],
        ordinal: int,
    ) -> None:
        """Remember a new representative, in the place of the oldest if there is no other."""
        row = self.looks % self.remember
        if row == len(self._pictures):
            if row == len(self._tiles):
                self._grow(min(self.remember, max(8, 2 * row)))
            self._pictures.append(thumb.copy())
            self._ordinals.append(ordinal)
            self._looks.append(self.looks)
        else:
            self._pictures[row] = thumb.copy()
            self._ordinals[row] = ordinal
            self._looks[row] = self.looks
        self._tiles[row] = tiles
        self._cells[row] = cells
        self.looks += 1

    def _grow(self, rows: int) -> None:
        more = rows - len(self._tiles)
        self._tiles = np.concatenate(
            [self._tiles, np.empty((more, *self._tiles.shape[1:]), np.int32)]
        )
        self._cells = np.concatenate(
            [self._cells, np.empty((more, *self._cells.shape[1:]), np.int16)]
        )


_CHANNEL_OF = np.zeros((_CELL * _CHANNELS, _CHANNELS), np.float32)
_CHANNEL_OF[np.arange(_CELL * _CHANNELS), np.arange(_CELL * _CHANNELS) % _CHANNELS] = 1


def _sum_cells(thumb: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Sums over the cells, channel by channel: (32, 32 * 3)."""
    rows = thumb.reshape(_CELLS, _CELL, -1).sum(axis=1, dtype=np.uint16)
    # As a matrix product it takes a third of the time; below 2 ** 24 float32 adds without rounding.
    sums = rows.astype(np.float32).reshape(-1, _CELL * _CHANNELS) @ _CHANNEL_OF
    cells: NDArray[np.int16] = sums.astype(np.int16).reshape(_CELLS, -1)
    return cells
