"""A tiny ONNX model that "detects" a painted mark: the tests' stand-in for explicit pictures.

The mark is a checker of magenta and green, colours that hardly ever meet in the real world. The
network looks for places where both are strong side by side, so it finds the mark anywhere in the
picture from about a sixth of the width up, mirrored, turned, recompressed or with a reduced
palette; and it cuts the border away and goes through JPEG exactly as OpenNSFW does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import onnx
    from PIL import Image

NAME = "tiny"
SIDE = 224
SMALLEST_SHARE = 1 / 6
"""Smallest side of the mark, as a share of the picture's width and height, that is surely found."""

MAGENTA = (255, 0, 255)
GREEN = (0, 255, 0)

_WINDOW = 20  # pixels of the 224: about half of the smallest mark
_STRIDE = 4
_OFFSET = 50.0  # colourfulness 0..255 that counts for nothing
_HALF = 0.14  # least share of both colours in a window where the score is one half
_STEEPNESS = 60.0


def draw_mark(picture: Image.Image, left: int, top: int, size: int) -> Image.Image:
    """Return a copy of an RGB picture with the mark painted at a place, ``size`` pixels a side."""
    from PIL import Image as Images

    marked = picture.convert("RGB")
    checker = np.indices((4, 4)).sum(axis=0) % 2 == 0
    colours = np.where(checker[..., None], MAGENTA, GREEN).astype(np.uint8)
    mark = Images.fromarray(colours).resize((size, size), Images.Resampling.NEAREST)
    marked.paste(mark, (left, top))
    return marked


def mark_pixels(
    pixels: np.ndarray, *, share: float = 0.4, across: float = 0.5, down: float = 0.5
) -> np.ndarray:
    """Return a copy of (H, W, 3) uint8 pixels with a mark of ``share`` of the longer side.

    ``across`` and ``down`` place its middle, as shares of the picture; it is moved to lie inside.
    """
    from PIL import Image as Images

    height, width = pixels.shape[:2]
    size = min(round(share * max(height, width)), height, width)
    left = min(max(round(across * width - size / 2), 0), width - size)
    top = min(max(round(down * height - size / 2), 0), height - size)
    return np.asarray(draw_mark(Images.fromarray(pixels), left, top, size))


def build() -> onnx.ModelProto:
    """Build the network: (N, 224, 224, 3) RGB 0..255 in, (N, 2) clean and marked out."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    # Channels 0, 1: red - green, blue - green (magenta is the lesser of the two);
    # channels 2, 3: green - red, green - blue (green likewise).
    opponents = np.array([[1, -1, 0], [0, -1, 1], [-1, 1, 0], [0, 1, -1]], np.float32)
    constants = {
        "opponents": opponents.reshape(4, 3, 1, 1) / (255 - _OFFSET),
        "offset": np.full(4, -_OFFSET / (255 - _OFFSET), np.float32),
        "first": np.array([0, 2], np.int64),
        "second": np.array([1, 3], np.int64),
        "steepness": np.array(_STEEPNESS, np.float32),
        "half": np.array(_HALF, np.float32),
        "one": np.array(1, np.float32),
    }
    node = helper.make_node
    pool = {"kernel_shape": [_WINDOW, _WINDOW], "strides": [_STRIDE, _STRIDE]}
    nodes = [
        node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        node("Conv", ["planes", "opponents", "offset"], ["signed"], kernel_shape=[1, 1]),
        node("Relu", ["signed"], ["strong"]),
        node("Gather", ["strong", "first"], ["one_side"], axis=1),
        node("Gather", ["strong", "second"], ["other_side"], axis=1),
        node("Min", ["one_side", "other_side"], ["colours"]),  # (N, 2, 224, 224): magenta, green
        node("AveragePool", ["colours"], ["shares"], **pool),
        node("Neg", ["shares"], ["negative"]),
        # The lesser of both colours in each window, then the best window.
        node("ReduceMax", ["negative"], ["least_negative"], axes=[1], keepdims=1),
        node("Neg", ["least_negative"], ["both"]),
        node("GlobalMaxPool", ["both"], ["best"]),
        node("Flatten", ["best"], ["flat"], axis=1),
        node("Sub", ["flat", "half"], ["shifted"]),
        node("Mul", ["shifted", "steepness"], ["logit"]),
        node("Sigmoid", ["logit"], ["marked"]),
        node("Sub", ["one", "marked"], ["clean"]),
        node("Concat", ["clean", "marked"], ["scores"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def write(folder: Path) -> Path:
    """Write the model's file into a folder and return its path."""
    path = folder / "tiny.onnx"
    path.write_bytes(build().SerializeToString())
    return path


def table(path: Path) -> dict[str, Any]:
    """Return the ``[models.tiny]`` table of the settings for the model's file."""
    return {
        "file": str(path),
        "licence": "Apache-2.0",
        "input": {
            "width": SIDE,
            "height": SIDE,
            "resize": "thumb-crop",
            "layout": "NHWC",
            "jpeg_quality": 75,
        },
        "output": {"classes": ["clean", "marked"]},
        "labels": {"marked": "explicit"},
    }


def toml(path: Path) -> str:
    """Return settings that screen with the tiny model alone, for the command line."""
    return (
        f'[screening]\nmodels = ["{NAME}"]\n\n'
        f"[models.{NAME}]\nfile = '{path}'\nlicence = \"Apache-2.0\"\n\n"
        f"[models.{NAME}.input]\nwidth = {SIDE}\nheight = {SIDE}\n"
        'resize = "thumb-crop"\nlayout = "NHWC"\njpeg_quality = 75\n\n'
        f'[models.{NAME}.output]\nclasses = ["clean", "marked"]\n\n'
        f'[models.{NAME}.labels]\nmarked = "explicit"\n'
    )
