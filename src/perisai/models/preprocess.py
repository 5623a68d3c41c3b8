"""Cuts the views that a model looks at out of a picture. Runs in the decoding worker.

Needs NumPy and Pillow only. A view is uint8 RGB of the model's input size; mean, scale, channel
order and layout are left to the engine, which folds them into the network.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from perisai.models.spec import THUMB, InputSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def thumbnail(picture: Image.Image) -> Image.Image:
    """Squeeze an RGB picture to 256 x 256, as OpenNSFW's reference does first."""
    return picture.resize((THUMB, THUMB), Image.Resampling.BILINEAR)


def view_count(spec: InputSpec, *, whole: bool) -> int:
    """Say how many views :func:`views` gives for each picture."""
    return 2 if whole and spec.has_border else 1


def views(
    picture: Image.Image, thumb: Image.Image, spec: InputSpec, *, whole: bool
) -> NDArray[np.uint8]:
    """Return what a model sees of a picture: (views, height, width, 3) uint8 RGB.

    ``picture`` is RGB; ``thumb`` is :func:`thumbnail` of it, made by the caller because others need
    it too. View 0 is the model's own reference view. With ``whole``, a model whose reference view
    cuts the border away gets a second view that shows the whole picture, squeezed.
    """
    cut = [_reference(picture, thumb, spec)]
    if view_count(spec, whole=whole) == 2:
        source = thumb if spec.resize == "thumb-crop" else picture
        cut.append(source.resize((spec.width, spec.height), _FILTERS.get(spec.filter)))
    out = np.empty((len(cut), spec.height, spec.width, 3), np.uint8)
    for place, view in zip(out, cut, strict=True):
        shown = view if spec.jpeg_quality is None else through_jpeg(view, spec.jpeg_quality)
        place[...] = np.asarray(shown)
    return out


def through_jpeg(view: Image.Image, quality: int) -> Image.Image:
    """Write as JPEG and read again: the step that OpenNSFW's published scores include."""
    with BytesIO() as buffer:
        view.save(buffer, "JPEG", quality=quality)
        buffer.seek(0)
        again = Image.open(buffer, formats=("JPEG",))
        again.load()
        return again


def content_box(spec: InputSpec, size: tuple[int, int]) -> Box:
    """Say where in the reference view the picture lies, as shares 0..1 of the view.

    ``size`` is the picture's (width, height). Sides may lie outside of 0..1: then that part of the
    picture was cut away. Used to carry a detector's boxes back to the picture.
    """
    if spec.resize == "squash":
        return 0.0, 0.0, 1.0, 1.0
    if spec.resize == "thumb-crop":
        across, down = THUMB / spec.width, THUMB / spec.height
    else:
        across, down = (
            side / room
            for side, room in zip(_scaled(spec, size), (spec.width, spec.height), strict=True)
        )
    centred = spec.resize != "letterbox" or spec.anchor == "centre"
    left, top = ((1 - across) / 2, (1 - down) / 2) if centred else (0.0, 0.0)
    return left, top, left + across, top + down


def _reference(picture: Image.Image, thumb: Image.Image, spec: InputSpec) -> Image.Image:
    wanted = (spec.width, spec.height)
    if spec.resize == "thumb-crop":
        x, y = (THUMB - spec.width) // 2, (THUMB - spec.height) // 2
        return thumb.crop((x, y, x + spec.width, y + spec.height))
    left, top, right, bottom = content_box(spec, picture.size)
    # The part of the picture that fills the view, in picture pixels (may reach outside: letterbox).
    across = picture.width / (right - left)
    down = picture.height / (bottom - top)
    part = (-left * across, -top * down, (1 - left) * across, (1 - top) * down)
    if spec.filter == "point":
        return _point(picture, wanted, part, spec.fill)
    if spec.resize != "letterbox":
        return picture.resize(wanted, _FILTERS[spec.filter], box=_inside(part, picture.size))
    canvas = Image.new("RGB", wanted, (spec.fill,) * 3)
    inner_width, inner_height = (max(1, round(side)) for side in _scaled(spec, picture.size))
    inner = picture.resize((inner_width, inner_height), _FILTERS[spec.filter])
    canvas.paste(inner, (round(left * spec.width), round(top * spec.height)))
    return canvas


def _scaled(spec: InputSpec, size: tuple[int, int]) -> tuple[float, float]:
    """Give the picture's width and height in view pixels, its shape kept."""
    ratios = (spec.width / size[0], spec.height / size[1])
    ratio = max(ratios) if spec.resize == "cover" else min(ratios)
    return size[0] * ratio, size[1] * ratio


def _inside(part: Box, size: tuple[int, int]) -> Box:
    """Take off what rounding adds outside of the picture; Pillow refuses even a trace of it."""
    return max(0.0, part[0]), max(0.0, part[1]), min(size[0], part[2]), min(size[1], part[3])


def _point(picture: Image.Image, wanted: tuple[int, int], part: Box, fill: int) -> Image.Image:
    """Sample ``part`` of the picture bilinearly at the centres of the wanted pixels."""
    across = (part[2] - part[0]) / wanted[0]
    down = (part[3] - part[1]) / wanted[1]
    return picture.transform(
        wanted,
        Image.Transform.AFFINE,
        (across, 0.0, part[0], 0.0, down, part[1]),
        resample=Image.Resampling.BILINEAR,
        fillcolor=(fill,) * 3,
    )
