"""Find the picture inside a letterbox, a pillarbox, a flat frame or a caption bar.

Needs NumPy and nothing else (it runs in the decoding worker).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEAR = 12  # levels: JPEG's and GIF's noise around a flat colour stays below
_FLAT = 0.98  # this share of a line must be near the border's colour
_BAR = 0.4  # a line of a caption bar: lettering, with the border's colour at least here
_MARGIN = 0.03  # ... and at both ends of the line, for this share of it
_BLEED = 16  # lines; the block over which JPEG spreads colours
_CLEAR = 0.4  # lines this far apart from the border, against the picture behind, are picture
_LEAST_INSIDE = 0.4  # of either side; a smaller "inside" is a thing on a plain background
_LEAST_BORDER = 0.01  # thinner ones do not move a hash


@dataclass(frozen=True, slots=True)
class Border:
    """Where the inside begins and ends, in pixels: ``pixels[top:bottom, left:right]``."""

    left: int
    top: int
    right: int
    bottom: int

    def inside(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A view of the picture without its border."""
        return pixels[self.top : self.bottom, self.left : self.right]


def find_border(pixels: NDArray[np.uint8]) -> Border | None:
    """Find the flat border of RGB pixels (height, width, 3); None when there is none worth cutting.

    Each side may have its own colour, and the lines beside the inside may hold lettering as long
    as the border ends in a flat line. None as well when the inside would be smaller than 40 % of
    the width or height.
    """
    height, width = pixels.shape[:2]
    top = bottom = left = right = 0
    for _ in range(2):  # a frame may hide that there are bars inside it
        before = (left, top, right, bottom)
        inside = pixels[top : height - bottom, left : width - right]
        if min(inside.shape[:2]) < 2:
            return None
        top += _thickness(inside)
        bottom += _thickness(inside[::-1])
        inside = pixels[top : height - bottom, left : width - right]
        if min(inside.shape[:2]) < 2:
            return None
        sideways = inside.transpose(1, 0, 2)
        left += _thickness(sideways)
        right += _thickness(sideways[::-1])
        if before == (left, top, right, bottom):
            break
    inner_width, inner_height = width - left - right, height - top - bottom
    if inner_width < _LEAST_INSIDE * width or inner_height < _LEAST_INSIDE * height:
        return None
    if inner_width > (1 - _LEAST_BORDER) * width and inner_height > (1 - _LEAST_BORDER) * height:
        return None
    return Border(left, top, width - right, height - bottom)


def _thickness(lines: NDArray[np.uint8]) -> int:
    """How many of the first lines, shape (n, length, 3), are border; at most a little over 60 %."""
    length = lines.shape[1]
    places = np.sort(lines[0, [(2 * i + 1) * length // 10 for i in range(5)]], axis=0)
    if (places[3] - places[1]).max() > _NEAR:
        return 0  # most pictures end here, cheaply
    colour = np.tile(places[2], length)
    margin = 3 * max(1, int(_MARGIN * length))
    thickness = 0
    # In steps, since nearly every picture ends at the first line and looking at all is slow.
    start, step = 0, 1
    while start <= (1 - _LEAST_INSIDE) * len(lines):
        some = np.ascontiguousarray(lines[start : start + step]).reshape(-1, 3 * length)
        near = np.maximum(some, colour) - np.minimum(some, colour) <= _NEAR
        share = np.add.reduce(near, axis=1, dtype=np.uint32) / (3 * length)
        flat = share >= _FLAT
        lettered = (share >= _BAR) & near[:, :margin].all(axis=1) & near[:, -margin:].all(axis=1)
        ends = np.flatnonzero(~(flat | lettered))
        run = np.flatnonzero(flat[: ends[0]] if ends.size else flat)
        if run.size:
            thickness = start + int(run[-1]) + 1
        if ends.size or not thickness:
            break
        start, step = start + step, 16
    return thickness + _bled(lines[thickness : thickness + 3 * _BLEED], colour) if thickness else 0


def _bled(lines: NDArray[np.uint8], colour: NDArray[np.uint8]) -> int:
    """How many lines more are border into which compression let the picture's colours bleed.

    They differ from the border's colour, but far less than the picture behind them does.
    """
    if len(lines) < 3 * _BLEED:
        return 0
    some = np.ascontiguousarray(lines).reshape(len(lines), -1)
    apart = (np.maximum(some, colour) - np.minimum(some, colour)).mean(axis=1, dtype=np.float32)
    level = float(np.median(apart[_BLEED:]))
    clear = np.flatnonzero(apart[:_BLEED] >= _CLEAR * level)
    return int(clear[0]) if clear.size else 0
