"""A frame that shares its representative's hashes would have had nearly the same ones."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from perisai.matching import pdq
from perisai.media.distinct import DistinctFrames
from perisai.models.preprocess import thumbnail
from perisai.screening.options import SAME_HASH
from tests.common import clips

CHANGES = {
    "a step brighter": lambda pixels, dice: pixels + 1,
    "a slope of light": lambda pixels, dice: (
        pixels + np.linspace(-1, 1, pixels.shape[1])[None, :, None]
    ),
    "noise": lambda pixels, dice: pixels + dice.normal(0, 0.8, pixels.shape),
    "one pixel": lambda pixels, dice: np.where(
        np.arange(pixels.size).reshape(pixels.shape) < 3, 0, pixels
    ),
}


@pytest.mark.skipif(not clips.available(), reason=clips.MISSING)
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_near_enough_to_share_a_hash_has_nearly_the_same(change: str) -> None:
    dice = np.random.default_rng(7)
    shared = 0
    for name in clips.CLIPS:
        for before in clips.read_clip(name, 320, 40)[::8]:
            after = CHANGES[change](before.astype(float), dice).round().clip(0, 255)
            after = after.astype(np.uint8)
            distinct = DistinctFrames()
            distinct.place(np.asarray(thumbnail(Image.fromarray(before))))
            if distinct.place(np.asarray(thumbnail(Image.fromarray(after)))).residual > SAME_HASH:
                continue
            shared += 1
            assert pdq.hash_frame(before).distance(pdq.hash_frame(after)) <= 8
    assert shared >= 5
