"""Transparent pictures: what shows on a grey page only is looked at, too."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.common import gifwriter as g
from tests.common.mediawriter import clip, saved
from tests.media.looking import look

SIDE = 240


def rings(lowest: int, highest: int) -> np.ndarray:
    """A picture in grey: waves around a corner, as float (240, 240)."""
    y, x = np.mgrid[:SIDE, :SIDE]
    return lowest + (highest - lowest) * (0.5 + 0.5 * np.sin(np.hypot(x - 40, y - 70) / 14))


def veiled(picture: np.ndarray, page: int, cell: int) -> Image.Image:
    """Return RGBA that is ``picture`` on a page of this grey, and a mess on white and on black.

    Blocks of some are so transparent as the picture allows; on the page they blend in, on any other
    they stand out. What the page adds, the colour lacks: shown = colour + page x transparency.
    """
    share = page / 255
    most = np.minimum(picture / share, (255 - picture) / (1 - share))
    blocks = np.random.default_rng(1).random((SIDE // cell, SIDE // cell)) > 0.5
    clear = (most * np.kron(blocks, np.ones((cell, cell)))).clip(0, 250)
    alpha = 1 - clear / 255
    colour = np.rint((picture - clear * share) / alpha).clip(0, 255)
    return Image.fromarray(np.dstack([colour] * 3 + [np.rint(alpha * 255)]).astype(np.uint8))


def likeness(pixels: np.ndarray, picture: np.ndarray) -> float:
    """Return the correlation of the two at the size that models see, about."""
    small = [
        np.asarray(Image.fromarray(p.astype(np.uint8)).convert("L").reduce(4)).astype(float)
        for p in (pixels, picture)
    ]
    return float(np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1])


@pytest.mark.parametrize("cell", [1, 4, 16])
@pytest.mark.parametrize(
    ("page", "lowest", "highest"), [(128, 88, 168), (57, 40, 120), (90, 60, 140), (192, 88, 168)]
)
def test_picture_for_a_grey_page_is_seen(page, lowest, highest, cell):
    picture = rings(lowest, highest)
    frames, _ = look(saved("PNG", [veiled(picture, page, cell)]))
    assert [f.background for f in frames] == ["light", "dark", "grey", "grey", "grey"]
    assert max(likeness(f.pixels, picture) for f in frames) > 0.85


def test_without_the_greys_it_would_be_hidden():
    picture = rings(88, 168)
    frames, _ = look(saved("WEBP", [veiled(picture, 128, 16)], lossless=True))
    assert max(likeness(f.pixels, picture) for f in frames[:2]) < 0.6
    assert likeness(frames[3].pixels, picture) > 0.99


def test_the_same_veil_everywhere_costs_no_look():
    frames, _ = look(saved("PNG", [Image.new("RGBA", (64, 64), (200, 100, 0, 128))]))
    assert [f.background for f in frames] == ["light", "dark"]


def test_grey_is_what_a_browser_blends():
    half = Image.new("RGBA", (64, 64), (200, 100, 0, 128))
    half.paste((0, 0, 0, 255), (32, 0, 64, 64))
    frames, _ = look(saved("PNG", [half]))
    for frame, page in zip(frames, (255, 0, 64, 128, 192), strict=True):
        shown = [(c * 128 + page * 127) / 255 for c in (200, 100, 0)]
        assert np.abs(frame.pixels[0, 0] - shown).max() <= 1


def sticker(side: int = SIDE) -> Image.Image:
    """A disc with an outline, drawn large and made small, so that its edges are soft."""
    large = Image.new("RGBA", (4 * side, 4 * side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(large)
    pen.ellipse((side, side // 2, 3 * side, 3 * side), (250, 200, 30, 255), (90, 60, 0, 255), side)
    pen.rectangle((side // 2, 3 * side, 3 * side, 3 * side + side // 2), (200, 20, 30, 255))
    return large.reduce(4)


def test_soft_edges_cost_no_look():
    frames, _ = look(saved("PNG", [sticker()]))
    assert [f.background for f in frames] == ["light", "dark"]


def gif_of(indices: np.ndarray) -> bytes:
    palette = [(level, level, level) for level in range(255)] + [(1, 2, 3)]
    rows = indices.astype(int).tolist()
    return g.header(SIDE, SIDE, palette) + g.control(0, 10, 255) + g.image(rows) + g.TRAILER


def test_dithered_transparency_of_a_gif_hides_nothing():
    # Blocks in which every other pixel is a hole; together with the page, holes make the picture.
    picture = rings(88, 168)
    y, x = np.mgrid[:SIDE, :SIDE]
    blocks = np.kron(np.random.default_rng(2).random((15, 15)) > 0.5, np.ones((16, 16))) > 0
    holes = blocks & ((x + y) % 2 == 0)
    solid = np.where(blocks, (2 * picture - 128).clip(0, 254), picture)
    frames, _ = look(gif_of(np.where(holes, 255, solid)))
    assert [f.background for f in frames] == ["light", "dark", "grey", "grey", "grey"]
    assert max(likeness(f.pixels, picture) for f in frames[:2]) < 0.8
    assert likeness(frames[3].pixels, picture) > 0.95


def test_holes_of_an_ordinary_gif_cost_no_look():
    drawn = np.asarray(sticker())
    frames, _ = look(gif_of(np.where(drawn[..., 3] > 127, drawn[..., 0].clip(0, 254), 255)))
    assert [f.background for f in frames] == ["light", "dark"]


def test_veiled_film():
    veil = np.asarray(veiled(rings(88, 168), 128, 16))
    film = clip("webm", "libvpx-vp9", "yuva420p", size=(SIDE, SIDE), frames=2,
                picture=lambda _: veil)  # fmt: skip
    assert "grey" in {f.background for f in look(film)[0]}
