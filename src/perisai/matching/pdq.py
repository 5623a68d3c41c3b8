"""PDQ: a 256-bit fingerprint of how a picture looks, and how much there was to go by.

The definition is Facebook's "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing
algorithm" (2019) with its published reference code. In short: luma as floats; two passes of box
filters that together make a tent; 64 x 64 samples of the result; the lowest 16 x 16 frequencies of
its cosine transform, the constant left out; one bit for each that lies above their median.

Filters, samples and cosines are all linear and separable, so that pictures of one size share two
small matrices (made once, kept): ``rows @ luma @ columns`` yields the 64 x 64 samples.

Pictures with a side over 512 are sampled at 512 x 512 nearest points before, since the published
hasher does so; hashes on other people's lists were made that way.

This module runs in the decoding worker: it needs NumPy and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from perisai.errors import MatchingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BITS = 256
BYTES = BITS // 8
RADIUS = 31
"""Two hashes at most this many bits apart show the same picture (the paper's recommendation)."""
MIN_QUALITY = 50
"""Below this the picture is too flat for its hash to mean anything (the paper's recommendation)."""

ORIENTATIONS = (
    "as it is",
    "mirrored left to right",
    "upside down mirrored",
    "turned by 180",
    "transposed",
    "turned by 90 counterclockwise",
    "turned by 90 clockwise",
    "transposed about the other diagonal",
)
"""What was done to a picture so that it has the hash in this row of :func:`hash_orientations`."""

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_GRID = 64
_FREQUENCIES = 16
_SMALLEST = 5  # pixels on a side; the published code hashes nothing smaller
_LARGEST = 512
_DIRECT = 1024  # see _points
_BAND = 16


class HasPixels(Protocol):
    """Anything with RGB pixels, for instance a ``perisai.media.Frame``."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Shape (height, width, 3)."""


@dataclass(frozen=True, slots=True)
class PdqHash:
    """One fingerprint: ``bits`` (32 bytes, most significant first) and ``quality`` (0..100)."""

    bits: bytes
    quality: int

    def __post_init__(self) -> None:
        if len(self.bits) != BYTES:
            raise MatchingError(f"a PDQ hash has {BYTES} bytes, not {len(self.bits)}")

    @property
    def hex(self) -> str:
        """The 64 lowercase hexadecimal digits in which PDQ hashes are exchanged."""
        return self.bits.hex()

    @classmethod
    def from_hex(cls, text: str, quality: int = 100) -> PdqHash:
        """Read 64 hexadecimal digits; raises :class:`MatchingError` for anything else."""
        if len(text) != 2 * BYTES or not set(text) <= set("0123456789abcdefABCDEF"):
            raise MatchingError(f"not a PDQ hash (64 hexadecimal digits are needed): {text[:80]!r}")
        return cls(bytes.fromhex(text), quality)

    @property
    def hashable(self) -> bool:
        """False for flat pictures: neither a match nor "no match" can be told from their hash."""
        return self.quality >= MIN_QUALITY

    def distance(self, other: PdqHash) -> int:
        """How many of the 256 bits differ."""
        return (int.from_bytes(self.bits) ^ int.from_bytes(other.bits)).bit_count()


def hash_frame(frame: HasPixels | NDArray[np.uint8]) -> PdqHash:
    """Hash a picture: RGB, uint8, shape (height, width, 3), or anything that has such ``.pixels``.

    A side under 5 pixels gives quality 0. Raises ``ValueError`` for arrays of another form, above
    all for palette indices, whose hash would mean nothing.
    """
    pixels = pixels_of(frame)
    if min(pixels.shape[:2]) < _SMALLEST:
        return PdqHash(bytes(BYTES), 0)
    pixels = _points(pixels)
    luma = _luma(pixels)
    large = max(luma.shape) > _LARGEST
    samples = _across(_down(luma, large=large), large=large)
    spectrum = np.asarray(_COSINES @ samples @ _COSINES.T, dtype=np.float32)
    return PdqHash(_pack(spectrum[None])[0].tobytes(), _quality(samples))


def hash_orientations(
    frame: HasPixels | NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], int]:
    """Hash a picture and its seven mirrored and turned forms, at little more than the price of one.

    Returns the hashes, shape (8, 32), in the order of :data:`ORIENTATIONS`, and the quality of the
    first, which is exactly :func:`hash_frame`. The others are the hashes that the mirrored and
    turned pictures really have, but for rounding and, with sides over 1,024, up to 12 bits. (The
    published shortcut, turning signs of one spectrum, was up to 32 bits off: its filters reach
    further to one side than to the other.)
    """
    return hash_with_parts(frame, ())[0]


def hash_with_parts(
    frame: HasPixels | NDArray[np.uint8], parts: Sequence[tuple[float, float]]
) -> list[tuple[NDArray[np.uint8], int]]:
    """Hash a picture in all orientations, and level parts of it as they are and mirrored.

    Each part ``(top, bottom)`` is given in shares of the height. Returns first what
    :func:`hash_orientations` does, then for each part hashes of shape (2, 32), upright and mirrored
    left to right, with the part's quality. Most of the work is shared.
    """
    pixels = pixels_of(frame)
    if min(pixels.shape[:2]) >= _SMALLEST:
        pixels = _points(pixels)
    height, width = pixels.shape[:2]
    edges = [(round(top * height), round(bottom * height)) for top, bottom in parts]
    if min(height, width, *(bottom - top for top, bottom in edges)) < _SMALLEST:
        return [(np.zeros((8, BYTES), dtype=np.uint8), 0)] + [
            (np.zeros((2, BYTES), dtype=np.uint8), 0) for _ in edges
        ]
    luma = _luma(pixels)
    large = max(height, width) > _LARGEST
    rows = [_down(luma, large=large, both_ways=True)]
    rows += [_down(luma[top:bottom], large=large) for top, bottom in edges]
    samples = _across(np.concatenate(rows), large=large, both_ways=True)
    whole, rest = samples[: 2 * _GRID], samples[2 * _GRID :].reshape(-1, _GRID, 2 * _GRID)
    return [_orientations(whole), *map(_upright_and_mirrored, rest)]


def _orientations(samples: NDArray[np.float32]) -> tuple[NDArray[np.uint8], int]:
    """The eight hashes, and the quality of the first, from 128 x 128 samples taken both ways."""
    both = (_BOTH_COSINES @ samples @ _BOTH_COSINES.T).reshape(2, _FREQUENCIES, 2, _FREQUENCIES)
    upright = both.transpose(0, 2, 1, 3).reshape(4, _FREQUENCIES, _FREQUENCIES)
    hashes = _pack(np.concatenate([upright, upright.transpose(0, 2, 1)]))
    down = samples.reshape(_GRID // _BAND, 2, _BAND, 2 * _GRID)[:, 0].reshape(_GRID, 2 * _GRID)
    return hashes, _quality(_straight(down))


def _upright_and_mirrored(samples: NDArray[np.float32]) -> tuple[NDArray[np.uint8], int]:
    """Two hashes, and the quality of the first, from 64 x 128 samples."""
    both = np.asarray(_COSINES @ samples @ _BOTH_COSINES.T, dtype=np.float32)
    return _pack(both.reshape(_FREQUENCIES, 2, _FREQUENCIES).transpose(1, 0, 2)), _quality(
        _straight(samples)
    )


def _straight(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Leave the mirrored ones of samples across, taken both ways, out."""
    return samples.reshape(len(samples), -1, 2, _BAND)[:, :, 0].reshape(len(samples), _GRID)


def distances(hashes: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """How many bits differ between each of (n, 32) and each of (m, 32); returns shape (n, m)."""
    left = np.ascontiguousarray(hashes).view(np.uint64)
    right = np.ascontiguousarray(others).view(np.uint64)
    total = np.zeros((len(left), len(right)), dtype=np.uint16)
    for word in range(left.shape[1]):
        total += np.bitwise_count(left[:, word, None] ^ right[None, :, word])
    return total


def pixels_of(frame: HasPixels | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The RGB pixels of a frame or array; raises ``ValueError`` when they are of another form."""
    pixels = frame if isinstance(frame, np.ndarray) else frame.pixels
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise ValueError(
            f"PDQ needs RGB pixels as uint8 of shape (height, width, 3), not {pixels.dtype} of "
            f"shape {pixels.shape}; convert palettes, grey and alpha to RGB first"
        )
    return pixels


def _points(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The points that matter: of very large pictures, the 512 x 512 that the definition keeps.

    Up to 1,024 on a side, leaving points out inside of the sampler's matrix is cheaper.
    """
    height, width = pixels.shape[:2]
    if max(height, width) <= _DIRECT:
        return pixels
    return pixels[_nearest(height)][:, _nearest(width)]


def _nearest(length: int) -> NDArray[np.intp]:
    return np.arange(_LARGEST) * length // _LARGEST


def _luma(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = pixels.shape[:2]
    return (pixels.astype(np.float32, order="C").reshape(-1, 3) @ _LUMA).reshape(height, width)


def _down(
    luma: NDArray[np.float32], *, large: bool, both_ways: bool = False
) -> NDArray[np.float32]:
    """Take the samples of every column: (height, width) to (64, width), or 128 both ways."""
    bands = _sampler(luma.shape[0], large, both_ways)
    return np.concatenate([part @ luma[start:stop] for start, stop, part in bands])


def _across(
    rows: NDArray[np.float32], *, large: bool, both_ways: bool = False
) -> NDArray[np.float32]:
    """Take the samples of every row: (n, width) to (n, 64), or 128 both ways."""
    bands = _sampler(rows.shape[1], large, both_ways)
    return np.concatenate([rows[:, start:stop] @ part.T for start, stop, part in bands], axis=1)


@lru_cache(maxsize=128)
def _sampler(
    length: int, large: bool, both_ways: bool
) -> tuple[tuple[int, int, NDArray[np.float32]], ...]:
    """How to take the samples of one side, in bands of sixteen samples.

    Each band is ``(start, stop, matrix)`` and needs the points ``start:stop`` alone: a sample sees
    only its surroundings, and leaving the zeros out makes it four times as fast. Sampling both
    ways, sixteen samples of the mirrored side follow in each band, those that see the same points.
    """
    matrix = _sampling(length, large=large)[None]
    if both_ways:
        matrix = np.concatenate([matrix, matrix[:, ::-1, ::-1]])
    bands = []
    for first in range(0, _GRID, _BAND):
        part = matrix[:, first : first + _BAND].reshape(-1, length)
        seen = np.flatnonzero(part.any(axis=0))
        start, stop = int(seen[0]), int(seen[-1]) + 1
        bands.append((start, stop, np.ascontiguousarray(part[:, start:stop], dtype=np.float32)))
    return tuple(bands)


def _sampling(length: int, *, large: bool) -> NDArray[np.float64]:
    """A matrix (64, length) that filters one side and takes its 64 samples.

    In a ``large`` picture the side is brought to 512 points first.
    """
    size = _LARGEST if large else length
    window = -(-size // (2 * _GRID))  # half a sample's share, since there are two passes
    box = _box(size, window)
    centres = ((np.arange(_GRID) + 0.5) * size / _GRID).astype(np.intp)
    matrix = box[centres] @ box
    if size == length:
        return matrix
    brought = np.zeros((length, _GRID))
    np.add.at(brought, _nearest(length), matrix.T)
    return brought.T


def _box(size: int, window: int) -> NDArray[np.float64]:
    """A running mean as a (size, size) matrix; at the edges over what is there.

    A window of even width reaches one further to the right, as in the published code.
    """
    ahead = window // 2
    offset = np.arange(size)[None, :] - np.arange(size)[:, None]
    inside = ((offset > ahead - window) & (offset <= ahead)).astype(np.float64)
    mean: NDArray[np.float64] = inside / inside.sum(axis=1, keepdims=True)
    return mean


def _cosines() -> NDArray[np.float32]:
    """Rows 1..16 of the 64-point discrete cosine transform; the constant is left out."""
    frequency = np.arange(1, _FREQUENCIES + 1)[:, None]
    place = 2 * np.arange(_GRID)[None, :] + 1
    rows: NDArray[np.float64] = np.sqrt(2 / _GRID) * np.cos(np.pi / 128 * frequency * place)
    return rows.astype(np.float32)


def _both_cosines(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """(32, 128): the transform of a side and of its mirrored form, from samples both ways.

    The mirrored side's samples come in the order of the straight ones that see the same.
    """
    both = np.zeros((2, _FREQUENCIES, _GRID // _BAND, 2, _BAND), dtype=np.float32)
    both[0, :, :, 0] = cosines.reshape(_FREQUENCIES, -1, _BAND)
    both[1, :, :, 1] = cosines[:, ::-1].reshape(_FREQUENCIES, -1, _BAND)
    return both.reshape(2 * _FREQUENCIES, 2 * _GRID)


_COSINES = _cosines()
_BOTH_COSINES = _both_cosines(_COSINES)


def _pack(spectra: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Bits of spectra of shape (n, 16, 16); returns (n, 32).

    The published median of an even count is the lower of the two in the middle. The first
    coefficient is the last bit: hashes are written from the highest word down.
    """
    flat = spectra.reshape(len(spectra), BITS)
    middle = np.partition(flat, BITS // 2 - 1, axis=1)[:, BITS // 2 - 1, None]
    return np.packbits((flat > middle)[:, ::-1], axis=1)


def _quality(samples: NDArray[np.float32]) -> int:
    """0..100 by the published gradient sum: steps of under 1 % of white do not count."""
    total = 0
    for steps in (samples[1:] - samples[:-1], samples[:, 1:] - samples[:, :-1]):
        percent = np.abs(steps) * np.float32(100) / np.float32(255)
        total += int(percent.astype(np.int32).sum())
    return min(total // 90, 100)
