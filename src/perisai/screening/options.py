"""What the decoding worker is asked to do, in a form that travels as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from perisai.media.limits import MediaLimits
from perisai.models.spec import InputSpec

WholePicture = Literal["auto", "always", "never"]

SAME_HASH = 1.0
"""A frame this near (0..255, in every tile) to the one that stands for it shares its hashes, too.

That is a pixel or two, or one step of brightness: less than writing the same picture as a GIF twice
changes, and PDQ's radius forgives many times as much (tests/screening/test_same_hash.py).
"""


@dataclass(frozen=True, slots=True)
class PrepareOptions:
    """How one file is prepared for matching and models.

    ``bound`` (0..255) and ``grid`` (tiles a side) say which frames count as the same picture; see
    :mod:`perisai.media.distinct`. ``whole`` says when the border, which the reference crop of
    OpenNSFW cuts away, is a second view: ``auto`` means for pictures at least ``wide_ratio`` times
    as wide as high, or as high as wide. ``inputs`` are the inputs of the models to feed.
    ``hashes`` asks for PDQ hashes to look up, ``variants`` for those to put on a list, ``stills``
    for small grey pictures. ``named`` is the file's name, only to say when its ending lies.
    """

    limits: MediaLimits = field(default_factory=MediaLimits)
    bound: float = 12.0
    grid: int = 16
    every_frame: bool = False
    whole: WholePicture = "auto"
    wide_ratio: float = 2.0
    inputs: tuple[InputSpec, ...] = ()
    hashes: bool = True
    variants: bool = False
    stills: bool = False
    named: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        shallow = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return shallow | {
            "limits": asdict(self.limits),
            "inputs": [spec.to_json() for spec in self.inputs],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PrepareOptions:
        """Read what :meth:`to_json` wrote."""
        return replace(
            cls(**{k: v for k, v in data.items() if k not in {"limits", "inputs"}}),
            limits=MediaLimits(**data["limits"]),
            inputs=tuple(InputSpec.from_json(spec) for spec in data["inputs"]),
        )

    def wants_border(self, width: int, height: int) -> bool:
        """Tell whether a picture of this size gets the whole picture as a second view."""
        if self.whole == "auto":
            return max(width, height) >= self.wide_ratio * min(width, height)
        return self.whole == "always"
