"""Colours that a PNG describes by numbers instead of a profile: its cICP, gAMA and cHRM chunks.

The chunks: PNG specification, third edition, sections 11.3.2.1, 11.3.2.2 and 11.3.2.6; the numbers
in cICP are those of ITU-T H.273. The matrix between sets of primaries
follows SMPTE RP 177, with Bradford's adaptation of the white point; sRGB is that of IEC 61966-2-1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from perisai.errors import BrokenMedia

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

_SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
"""White, red, green and blue, as x and y of each."""
_PRIMARIES = {
    1: _SRGB,
    5: (0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),  # BT.601, 625 lines
    6: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),  # BT.601, 525 lines
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
_SRGB_CURVE = 13
_POWERS = {1: 2.4, 4: 2.2, 6: 2.4, 8: 1.0, 14: 2.4, 15: 2.4}
"""Exponents of the other curves. Those of BT.709, BT.601 and BT.2020 are the screen's (BT.1886) and
not the camera's, as in Chromium."""
_FULL_RANGE_RGB = b"\0\x01"
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_PIXELS_AT_ONCE = 1 << 18
_STEPS = 4096
_ALIKE = 0.01


def from_chunks(gamma: object, chromaticity: object) -> Callable[[Image.Image], Image.Image] | None:
    """Return what turns RGB samples into sRGB; None if there is nothing to do.

    ``gamma`` is the exponent of gAMA (1 / 2.2, say), ``chromaticity`` the eight numbers of cHRM;
    either may be None. Like Chromium, take a gamma of 1 / 2.2 alone for sRGB, and heed primaries
    only beside a gamma.
    """
    exponent = gamma if isinstance(gamma, float) and 0.001 < gamma < 100 else None
    if not exponent or (not chromaticity and abs(exponent - 1 / 2.2) < _ALIKE):
        return None
    matrix = _to_srgb(chromaticity)
    if matrix is None:
        return _by_table(exponent)
    light = (np.arange(256) / 255) ** (1 / exponent)
    return _by_matrix(light.astype(np.float32), matrix.astype(np.float32))


def from_cicp(numbers: bytes) -> Callable[[Image.Image], Image.Image] | None:
    """Return what turns the RGB samples that a cICP chunk describes into sRGB, like Chromium.

    None if there is nothing to do. Raises BrokenMedia for colours that cannot be shown.
    """
    refuse_unknown(numbers)
    primaries, transfer = numbers[:2]
    matrix = _to_srgb(_PRIMARIES[primaries])
    samples = np.arange(256) / 255
    light = _decoded(samples) if transfer == _SRGB_CURVE else samples ** _POWERS[transfer]
    if matrix is not None:
        return _by_matrix(light.astype(np.float32), matrix.astype(np.float32))
    return None if transfer == _SRGB_CURVE else _by_table(1 / _POWERS[transfer])


def refuse_unknown(numbers: bytes) -> None:
    """Raise BrokenMedia if a cICP chunk names colours that are not turned into sRGB here.

    Such are those of HDR (PQ and HLG). No chunk at all is fine.
    """
    primaries, transfer = numbers[:2] or (1, 13)
    known = primaries in _PRIMARIES and (transfer == _SRGB_CURVE or transfer in _POWERS)
    if not known or numbers[2:] not in (b"", _FULL_RANGE_RGB):
        named = "/".join(map(str, numbers))
        raise BrokenMedia(
            f"The PNG's colours (cICP {named}) cannot be shown as a browser shows them; save it "
            "in sRGB."
        )


def _by_table(exponent: float) -> Callable[[Image.Image], Image.Image]:
    """Return a conversion of each channel by itself."""
    light = (np.arange(256) / 255) ** (1 / exponent)
    table = [int(value) for value in np.rint(_encoded(light) * 255)] * 3
    return lambda picture: picture.point(table)


def _by_matrix(
    light: NDArray[np.float32], matrix: NDArray[np.float32]
) -> Callable[[Image.Image], Image.Image]:
    """Return a conversion that mixes the channels in linear light."""
    encode = np.rint(_encoded(np.linspace(0, 1, _STEPS)) * 255).astype(np.uint8)

    def convert(picture: Image.Image) -> Image.Image:
        pixels = np.array(picture)
        step = max(1, _PIXELS_AT_ONCE // pixels.shape[1])
        for top in range(0, pixels.shape[0], step):
            rows = light[pixels[top : top + step]] @ matrix.T
            places = np.rint(rows.clip(0, 1) * (_STEPS - 1)).astype(np.uint16)
            pixels[top : top + step] = encode[places]
        return Image.fromarray(pixels)

    return convert


def _to_srgb(chromaticity: object) -> Matrix | None:
    """Return the matrix from these primaries to sRGB's; None if they are alike or impossible."""
    if not isinstance(chromaticity, tuple) or len(chromaticity) != 8:
        return None
    try:
        matrix = np.linalg.inv(_to_xyz(_SRGB)) @ _to_xyz(chromaticity)
    except (np.linalg.LinAlgError, ZeroDivisionError, FloatingPointError):
        return None
    if not np.isfinite(matrix).all() or np.abs(matrix - np.eye(3)).max() < _ALIKE:
        return None
    return matrix


def _to_xyz(chromaticity: tuple[float, ...]) -> Matrix:
    """Return the matrix from linear RGB to XYZ, seen under sRGB's white."""
    white, *primaries = (
        np.array([x / y, 1.0, (1 - x - y) / y])
        for x, y in zip(chromaticity[::2], chromaticity[1::2], strict=True)
    )
    columns = np.column_stack(primaries)
    own = columns * np.linalg.solve(columns, white)
    x, y = _SRGB[:2]
    target = np.array([x / y, 1.0, (1 - x - y) / y])
    gain = (_BRADFORD @ target) / (_BRADFORD @ white)
    adapted: Matrix = np.linalg.inv(_BRADFORD) @ np.diag(gain) @ _BRADFORD @ own
    return adapted


def _decoded(samples: Matrix) -> Matrix:
    """SRGB's transfer function the other way: samples to linear light, both 0..1."""
    return np.where(samples <= 0.04045, samples / 12.92, ((samples + 0.055) / 1.055) ** 2.4)


def _encoded(light: Matrix) -> Matrix:
    """SRGB's transfer function: linear light to samples, both 0..1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
