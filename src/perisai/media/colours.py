"""Any of Pillow's modes as the RGB or RGBA picture that a browser puts on the screen.

A colour profile or gamma value can turn noise into a picture and a picture into noise, so they are
applied as browsers do. The transfer functions are those of IEC 61966-2-1 (sRGB) and of the PNG
specification, sections 11.3.2.1 (cHRM) and 11.3.2.2 (gAMA).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image, ImageCms

from perisai.media.png_colours import from_chunks, from_cicp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each value of EXIF's Orientation (CIPA DC-008, tag 0x0112)."""

_ALREADY_SRGB = 3
"""A profile that moves no probed colour by more than this (of 255) is taken for sRGB."""


class Colours:
    """Converts the pictures of one file; made once from what the file says about its colours."""

    def __init__(self, info: Mapping[Any, object]) -> None:
        profile = info.get("icc_profile")
        self._profile = profile if isinstance(profile, bytes) else None
        self._transforms: dict[str, ImageCms.ImageCmsTransform | None] = {}
        self._plain = None
        cicp = info.get("cicp")
        if isinstance(cicp, bytes):  # goes before all other descriptions
            self._profile, self._plain = None, from_cicp(cicp)
        elif self._profile is None and "srgb" not in info:
            self._plain = from_chunks(info.get("gamma"), info.get("chromaticity"))

    def shown(self, picture: Image.Image) -> Image.Image:
        """Return ``picture`` as RGB or, if it may be transparent, RGBA."""
        if self._profile and picture.mode in ("L", "CMYK") and not picture.has_transparency_data:
            transform = self._transform(picture.mode)
            if transform:
                return transform.apply(picture)
        flat = to_rgb(picture)
        if self._profile:
            transform = self._transform("RGB")
            if transform:
                return _on_colours(flat, transform.apply)
        return _on_colours(flat, self._plain) if self._plain else flat

    def _transform(self, mode: str) -> ImageCms.ImageCmsTransform | None:
        """Return the way from the file's profile to sRGB, or None if there is nothing to do."""
        if mode not in self._transforms:
            self._transforms[mode] = self._built(mode)
        return self._transforms[mode]

    def _built(self, mode: str) -> ImageCms.ImageCmsTransform | None:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(self._profile or b""))
            target = ImageCms.createProfile("sRGB")
            transform = ImageCms.buildTransform(source, target, mode, "RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return None  # a profile for other colours than these: browsers ignore it, too
        if mode != "RGB":
            return transform
        steps = np.arange(0, 256, 51, dtype=np.uint8)
        grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
        moved = np.asarray(transform.apply(Image.fromarray(grid))).astype(int)
        return None if np.abs(moved - grid).max() <= _ALREADY_SRGB else transform


def to_rgb(picture: Image.Image) -> Image.Image:
    """Return a picture of any mode as RGB, or as RGBA if it may be transparent."""
    if picture.mode.startswith(("I", "F")):
        return _from_deep(picture)
    if picture.mode in ("RGB", "RGBA") and not picture.info.get("transparency"):
        return picture
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("RGB")


def upright(picture: Image.Image) -> Image.Image:
    """Turn the picture as its EXIF orientation demands."""
    method = _ORIENTATIONS.get(orientation(picture.info.get("exif")))
    return picture if method is None else picture.transpose(method)


def sideways(picture: Image.Image) -> bool:
    """Whether EXIF turns the picture by 90 degrees."""
    return orientation(picture.info.get("exif")) in (5, 6, 7, 8)


def orientation(exif: object) -> int:
    """Return EXIF's Orientation, 1 to 8; 1 if it is missing or nonsense.

    Only the first directory (TIFF 6.0, section 2) is read: Pillow's full parser warns about broken
    tags that nobody here wants.
    """
    if not isinstance(exif, bytes):
        return 1
    tiff = exif.removeprefix(b"Exif\0\0")
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"
    start = int.from_bytes(tiff[4:8], order)
    for number in range(int.from_bytes(tiff[start : start + 2], order)):
        entry = tiff[start + 2 + 12 * number :][:12]
        if len(entry) < 12:
            break
        if int.from_bytes(entry[:2], order) == 0x0112:
            value = int.from_bytes(entry[8:10], order)
            return value if 1 <= value <= 8 else 1
    return 1


def _from_deep(picture: Image.Image) -> Image.Image:
    """Keep the upper eight of a grey picture's sixteen bits."""
    deep = np.asarray(picture)
    grey = Image.fromarray((np.clip(deep, 0, 65535).astype(np.uint16) >> 8).astype(np.uint8))
    transparent = picture.info.get("transparency")
    if not isinstance(transparent, int):
        return grey.convert("RGB")
    solid = Image.fromarray(np.where(deep == transparent, 0, 255).astype(np.uint8))
    return Image.merge("RGBA", (grey, grey, grey, solid))


def _on_colours(picture: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Change the colours of an RGB or RGBA picture and keep its alpha."""
    if picture.mode == "RGB":
        return change(picture)
    changed = change(picture.convert("RGB"))
    changed.putalpha(picture.getchannel("A"))
    return changed
