"""What a model is: its file, what it wants to see, and what its answers mean.

Only the standard library is needed here: the decoding worker reads an :class:`InputSpec` to cut the
views, and must not pull in an inference engine. ``docs/models.md`` explains every key of a
``[models.NAME]`` table with an example.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from perisai.errors import SettingsError
from perisai.models.tables import Table
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["classifier", "detector"]
Resize = Literal["thumb-crop", "squash", "cover", "letterbox"]
Filter = Literal["bilinear", "bicubic", "lanczos", "point"]
Channels = Literal["RGB", "BGR"]
Layout = Literal["NHWC", "NCHW"]
Activation = Literal["none", "sigmoid", "softmax"]
Anchor = Literal["corner", "centre"]

THUMB = 256
"""Side of the small square copy that the pipeline makes of every frame."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a picture becomes the pixels that a model sees.

    ``resize`` is one of

    - ``thumb-crop``: the middle of the picture squeezed to 256 x 256 (OpenNSFW's own way),
    - ``squash``: the whole picture squeezed to width x height,
    - ``cover``: the shorter side scaled to fit, the middle kept (as torchvision's classifiers do),
    - ``letterbox``: the whole picture at its own shape, the rest filled (as YOLO detectors do).

    ``filter`` is Pillow's of that name; ``point`` is bilinear without smoothing before a reduction,
    which is what OpenCV calls linear. ``mean`` and ``std`` apply to values 0..255 in the order of
    ``channels``: ``(value - mean) / std``. ``jpeg_quality`` adds a JPEG round trip after resizing,
    for models whose published scores include one. ``anchor`` and ``fill`` matter for ``letterbox``.
    """

    width: int
    height: int
    resize: Resize = "squash"
    filter: Filter = "bilinear"
    channels: Channels = "RGB"
    layout: Layout = "NCHW"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    jpeg_quality: int | None = None
    anchor: Anchor = "centre"
    fill: int = 0

    def __post_init__(self) -> None:
        if self.resize == "thumb-crop" and max(self.width, self.height) > THUMB:
            raise SettingsError(
                f"input: resize 'thumb-crop' cuts from a {THUMB} x {THUMB} picture, so it cannot "
                f"give {self.width} x {self.height}; use 'cover' or 'squash'"
            )

    @property
    def has_border(self) -> bool:
        """Whether the reference view cuts something of the picture away."""
        return self.resize in ("thumb-crop", "cover")

    def to_json(self) -> dict[str, Any]:
        """Plain values for the decoding worker; :meth:`from_json` reads them back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> InputSpec:
        """Read what :meth:`to_json` wrote; raises SettingsError naming a wrong key."""
        return _input(Table("input", data))


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """How the boxes of a YOLOv8-style output are read.

    The output has ``4 + classes`` numbers per anchor: centre x, centre y, width, height in input
    pixels, then one score per class. Anchors whose best score is below ``min_score`` are
    dropped, then of boxes overlapping by more than ``nms_iou`` the best stays. As NudeNet does,
    classes are not kept apart in that step when ``per_class`` is False.
    """

    min_score: float = 0.25
    nms_iou: float = 0.45
    per_class: bool = False


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """What the numbers mean: ``labels[i]`` is our label for the model's class ``classes[i]``.

    None means that the class says nothing about who may see the picture. Several classes may share
    a label: the highest score counts. ``name`` is the output tensor (None: the first).
    """

    classes: tuple[str, ...]
    labels: tuple[Label | None, ...]
    name: str | None = None
    activation: Activation = "none"

    def __post_init__(self) -> None:
        if len(self.classes) != len(self.labels):
            raise SettingsError("output: as many labels as classes are needed")

    @property
    def label_map(self) -> dict[str, Label]:
        """The classes that carry a label of ours."""
        pairs = zip(self.classes, self.labels, strict=True)
        return {name: label for name, label in pairs if label is not None}


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model. Either ``file`` or ``package`` and ``filename`` say where its ONNX file is.

    ``sha256`` pins the file; without it (only possible for an operator's own file) whatever is
    there is loaded.
    """

    name: str
    input: InputSpec
    output: OutputSpec
    kind: Kind = "classifier"
    file: str | None = None
    package: str | None = None
    filename: str | None = None
    sha256: str | None = None
    licence: str = "not stated"
    detector: DetectorSpec | None = field(default=None)

    @property
    def labels(self) -> frozenset[Label]:
        """Everything that this model can say. A label outside of it is *not covered*."""
        return frozenset(self.output.label_map.values())

    @property
    def generation(self) -> str:
        """A short word that changes when anything that shapes the scores changes.

        The place of a pinned file does not count, its content does.
        """
        data = self.to_json()
        del data["licence"]
        if self.sha256:
            for key in ("file", "package", "filename"):
                data.pop(key, None)
        text = json.dumps(data, sort_keys=True)
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def to_json(self) -> dict[str, Any]:
        """Plain values in the shape of a ``[models.NAME]`` table, the name added."""
        data: dict[str, Any] = {
            "name": self.name,
            "kind": self.kind,
            "licence": self.licence,
            "input": self.input.to_json(),
            "output": {
                "classes": list(self.output.classes),
                "activation": self.output.activation,
            },
            "labels": {name: label.value for name, label in self.output.label_map.items()},
        }
        if self.output.name is not None:
            data["output"]["name"] = self.output.name
        for key in ("file", "package", "filename", "sha256"):
            value = getattr(self, key)
            if value is not None:
                data[key] = value
        if self.detector is not None:
            data["detector"] = dataclasses.asdict(self.detector)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModelSpec:
        """Read what :meth:`to_json` wrote; raises SettingsError naming a wrong key."""
        values = dict(data)
        return spec_from_mapping(str(values.pop("name", "")), values)


def spec_from_mapping(
    name: str, data: Mapping[str, Any], base: ModelSpec | None = None
) -> ModelSpec:
    """Make a spec from a ``[models.NAME]`` table of the settings.

    With ``base`` (a built-in model) the table only needs the keys that differ. Raises SettingsError
    whose message names the key, as in ``models.mine.input.width: ...``.
    """
    merged = _merge(base.to_json(), data) if base else dict(data)
    merged.pop("name", None)
    table = Table(f"models.{name}", merged)
    kind = cast("Kind", table.choice("kind", get_args(Kind), "classifier"))
    place = _place(table)
    sha256 = table.text("sha256", None)
    if sha256 is not None and (len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef")):
        table.fail("sha256", "must be 64 hexadecimal digits; run sha256sum on the model file")
    if sha256 is None and place["package"]:
        table.fail("sha256", "is needed for a model from a package, so that an update is noticed")
    source = _input(table.table("input"))
    output = _output(table.table("output"), table.table("labels", optional=True))
    detector = None
    if kind == "detector":
        detector = _detector(table.table("detector", optional=True))
    elif "detector" in merged:
        table.fail("detector", 'belongs to kind = "detector" only')
    licence = table.text("licence", "not stated") or "not stated"
    table.finish()
    return ModelSpec(
        name=name,
        kind=kind,
        input=source,
        output=output,
        sha256=sha256.lower() if sha256 else None,
        licence=licence,
        detector=detector,
        **place,
    )


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay ``over`` on ``base``, table by table; a new file replaces a packaged one and its pin."""
    merged = dict(base)
    if "file" in over:
        for key in ("package", "filename", "sha256"):
            merged.pop(key, None)
    for key, value in over.items():
        old = merged.get(key)
        # ``labels`` is taken as a whole: to drop a label must be possible.
        if key != "labels" and isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merge(old, value)
        else:
            merged[key] = value
    return merged


def _place(table: Table) -> dict[str, str | None]:
    file = table.text("file", None)
    package = table.text("package", None)
    filename = table.text("filename", None)
    if file and (package or filename):
        table.fail("file", "give either file, or package and filename, not both")
    if not file and not (package and filename):
        table.fail("file", "is missing; give the path of the ONNX file")
    return {"file": file, "package": package, "filename": filename}


def _input(table: Table) -> InputSpec:
    spec_input = InputSpec(
        width=table.integer("width", 1, 4096),
        height=table.integer("height", 1, 4096),
        resize=cast("Resize", table.choice("resize", get_args(Resize), "squash")),
        filter=cast("Filter", table.choice("filter", get_args(Filter), "bilinear")),
        channels=cast("Channels", table.choice("channels", get_args(Channels), "RGB")),
        layout=cast("Layout", table.choice("layout", get_args(Layout), "NCHW")),
        mean=table.triple("mean", (0.0, 0.0, 0.0)),
        std=table.triple("std", (1.0, 1.0, 1.0), nonzero=True),
        jpeg_quality=table.integer_or_none("jpeg_quality", 1, 100),
        anchor=cast("Anchor", table.choice("anchor", get_args(Anchor), "centre")),
        fill=table.integer("fill", 0, 255, 0),
    )
    table.finish()
    return spec_input


def _output(table: Table, labels: Table) -> OutputSpec:
    classes = table.texts("classes")
    name = table.text("name", None)
    activation = cast("Activation", table.choice("activation", get_args(Activation), "none"))
    table.finish()
    # ``abuse`` and ``listed`` come from lists only: no model may claim them.
    allowed = tuple(x.value for x in Label if x not in (Label.ABUSE, Label.LISTED))
    ours = tuple(
        Label(labels.choice(each, allowed)) if each in labels.data else None for each in classes
    )
    labels.finish(hint="must be one of the names in output.classes")
    return OutputSpec(classes=classes, labels=ours, name=name, activation=activation)


def _detector(table: Table) -> DetectorSpec:
    default = DetectorSpec()
    spec = DetectorSpec(
        min_score=table.number("min_score", 0.0, 1.0, default.min_score),
        nms_iou=table.number("nms_iou", 0.0, 1.0, default.nms_iou),
        per_class=table.boolean("per_class", default=default.per_class),
    )
    table.finish()
    return spec
