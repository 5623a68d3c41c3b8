"""The default limits fit together: a picture at the limit on pixels needs less than the memory."""

from __future__ import annotations

import pytest
from PIL import Image

from perisai.media import MediaLimits
from perisai.media.sandbox import Sandbox, WorkerLimits
from perisai.screening.options import PrepareOptions
from tests.common.mediawriter import saved

TURNED = Image.Exif()
TURNED[0x0112] = 6
FORMATS = {
    "JPEG": {"exif": TURNED.tobytes()},
    "PNG": {"exif": TURNED.tobytes(), "compress_level": 1},
    "WEBP": {"lossless": True, "quality": 0, "method": 0},
    "AVIF": {"speed": 10, "exif": TURNED.tobytes()},
}


@pytest.mark.parametrize("kind", FORMATS)
def test_picture_at_the_limit_fits_into_a_worker_with_room_to_spare(kind):
    side = int(MediaLimits().max_pixels ** 0.5)
    picture = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    if kind != "JPEG":
        picture.putalpha(Image.linear_gradient("L").resize((side, side)))
    data = saved(kind, [picture], **FORMATS[kind])
    memory_mb = WorkerLimits().memory_mb * 4 // 5
    with Sandbox("perisai.screening.prepare:prepare", 1, WorkerLimits(memory_mb)) as sandbox:
        last = list(sandbox.stream(PrepareOptions().to_json(), data))[-1]
    assert last.head["kind"] == "end"
    assert last.head["frames"] == 1
