"""Our frames beside those of a real Chromium, where one is installed."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.common import chromium
from tests.common import gifwriter as g
from tests.common.mediawriter import plain, saved
from tests.media import test_gif, test_png, test_png_order
from tests.media.looking import BLUE, LIME, RED, WHITE, look

pytestmark = pytest.mark.skipif(chromium.binary() is None, reason="Chromium is not installed")
PALETTE = [RED, LIME, BLUE, WHITE]


def smooth(mode: str = "RGB") -> list[Image.Image]:
    noise = np.random.default_rng(1).integers(0, 256, (3, 6, 9, 4), dtype=np.uint8)
    return [
        Image.fromarray(n).convert("RGB" if mode == "RGB" else "RGBA").resize((72, 48))
        for n in noise
    ]


def gifs() -> dict[str, bytes]:
    start, whole = g.header(4, 4, PALETTE), g.image(g.solid(4, 4, 0))
    cases = {f"disposal {n}": test_gif.row_of_three(n) for n in range(8)}
    return cases | {
        "small first": g.header(4, 4, PALETTE, background=2)
        + g.image(g.solid(2, 2, 1), left=1, top=1)
        + g.TRAILER,
        "large first": g.header(2, 2, PALETTE) + g.image(g.solid(4, 3, 1)) + g.TRAILER,
        "large second": g.header(2, 2, PALETTE)
        + g.image(g.solid(2, 2, 0))
        + g.control()
        + g.image(g.solid(4, 3, 1))
        + g.TRAILER,
        "interlaced": g.header(1, 10, PALETTE)
        + g.image([[at % 4] for at in range(10)], interlaced=True)
        + g.TRAILER,
        "cut": start + whole + g.image(g.solid(4, 4, 1), keep_bytes=8, terminator=False),
        "short": start + whole + g.image(g.solid(4, 4, 1), keep_bytes=8) + whole + g.TRAILER,
        "noise": saved("GIF", smooth(), duration=50, disposal=2),
    }


def pngs() -> dict[str, bytes]:
    row = ([test_png.R] * 3, 0, 0, 0)
    cases = {
        f"apng dispose {d} blend {b}": test_png.animation(
            row, ([test_png.G], 1, d, 0), ([test_png.NONE, test_png.B], 1, 0, b)
        )
        for d in range(3)
        for b in range(2)
    }
    gamma = saved("PNG", smooth()[:1])
    for numbers in ((1, 13), (1, 1), (1, 4), (1, 8), (9, 13), (12, 13)):
        cicp = bytes((*numbers, 0, 1))
        cases[f"cicp {numbers}"] = test_png.with_chunk(gamma, b"cICP", cicp)
    cases["cicp before gamma"] = test_png.with_chunk(
        test_png.with_chunk(gamma, b"gAMA", (25_000).to_bytes(4)), b"cICP", b"\1\x0d\0\1"
    )
    for depth in (1, 2, 4, 8, 16):
        for at in (0, 1):
            cases[f"hole {depth} {at}"] = test_png_order.grey_with_hole(depth, at)
    return cases | {
        "hole of sixteen bits": test_png_order.colour_with_hole(),
        "apng": saved("PNG", smooth("RGBA"), duration=50),
        "gamma": test_png.with_chunk(gamma, b"gAMA", (20000).to_bytes(4)),
        "chromaticities": test_png.with_chunk(
            test_png.with_chunk(gamma, b"gAMA", (45455).to_bytes(4)),
            b"cHRM",
            b"".join(
                v.to_bytes(4) for v in (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
            ),
        ),
    }


def webps() -> dict[str, bytes]:
    return {
        "webp": saved("WEBP", smooth("RGBA"), duration=50, lossless=True),
        "webp still": saved("WEBP", plain(RED), lossless=True),
    }


def test_same_frames_as_chromium():
    kinds = {"image/gif": gifs(), "image/png": pngs(), "image/webp": webps()}
    cases = [(name, data, kind) for kind, files in kinds.items() for name, data in files.items()]
    results = chromium.decode([(data, kind) for _, data, kind in cases])
    for (name, data, _), theirs in zip(cases, results, strict=True):
        ours = [frame for frame in look(data)[0] if frame.background in ("opaque", "light")]
        assert len(ours) == len(theirs["frames"]), name
        for mine, their in zip(ours, theirs["frames"], strict=True):
            alpha = their["rgba"][..., 3:].astype(float) / 255
            on_white = their["rgba"][..., :3] * alpha + 255 * (1 - alpha)
            assert np.abs(on_white - mine.pixels).max() <= 2.5, name


def test_disordered_png_is_refused_though_chromium_shows_something():
    """Why they are refused: Chromium shows a still picture where others show an animation."""
    names = ("actl after the pixels", "no actl", "no actl, control first")
    files = [test_png_order.START + test_png_order.HIDING[n] + test_png_order.IEND for n in names]
    for result in chromium.decode([(data, "image/png") for data in files]):
        assert [frame["rgba"][0, 0].tolist() for frame in result["frames"]] == [[0, 0, 255, 255]]
