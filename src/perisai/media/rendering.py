"""A GIF of what a file shows: for those who cannot show its own format, or want less to load.

Runs in the decoding worker. The frames come from :func:`perisai.media.open_media`, so that the copy
shows what was looked at and nothing else; frames may be left out, none is made up. What comes back
is hostile like any other file from a worker, and is screened like any other.
"""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from perisai.errors import BrokenMedia, TooLarge
from perisai.media.limits import MediaLimits
from perisai.media.open import open_media
from perisai.media.wire import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from perisai.media.frames import Frame

TARGET = "perisai.media.rendering:render"
FASTEST_MS = 60
"""Shorter frames are left out: 16 a second are enough for a preview."""
LEAST_MS = 20
"""Browsers play a shorter frame of a GIF for a tenth of a second."""
FEWEST = 12
"""Frames below which a clip that is too large is made smaller rather than shorter of frames."""
COLOURS = 255
"""And one for what is transparent."""
_CLEAR = 255
_SEEN = 128
"""Opacity from which a pixel is drawn: a GIF knows no half ones."""
_TRIES = 6
_SHRINK = 0.75
_PALETTE_FROM = 12
_PALETTE_SIDE = 160


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the GIF may be at most: ``width`` x ``height``, so many frames, so many bytes."""

    width: int
    height: int
    frames: int
    max_bytes: int
    limits: MediaLimits = field(default_factory=MediaLimits)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Wanted:
        """Read what :meth:`to_json` wrote."""
        return cls(**data | {"limits": MediaLimits(**data["limits"])})


@dataclass(slots=True)
class _Clip:
    """Frames that are kept, RGB or RGBA, each with the time at which it appears."""

    pictures: list[Image.Image]
    times: list[int]
    end: int

    def thinned(self, step: int) -> _Clip:
        return _Clip(self.pictures[::step], self.times[::step], self.end)

    def smaller(self) -> _Clip:
        width, height = (max(1, round(_SHRINK * side)) for side in self.pictures[0].size)
        pictures = [each.resize((width, height), Image.Resampling.BOX) for each in self.pictures]
        return _Clip(pictures, self.times, self.end)

    def durations(self) -> list[int]:
        """How long each frame is shown, in whole hundredths of a second as a GIF counts."""
        marks = [10 * round(each / 10) for each in (*self.times, self.end)]
        return [max(LEAST_MS, after - before) for before, after in pairwise(marks)]


def render(payload: dict[str, Any], data: bytes | None) -> Iterator[Message]:
    """Decode a file and yield one message with ``gif``, the bytes of a GIF of it.

    Raises MediaError if the file cannot be shown, TooLarge if no GIF of it is small enough.
    """
    if data is None:
        raise ValueError("render needs the bytes of a file")
    wanted = Wanted.from_json(payload)
    clip = _collected(data, wanted)
    for _ in range(_TRIES):
        made = _encoded(clip)
        if len(made) <= wanted.max_bytes:
            yield Message({}, {"gif": np.frombuffer(made, np.uint8)})
            return
        # Twice as large as it may be: half of the frames will do, if so many are there.
        step = min(-(-len(made) // wanted.max_bytes), len(clip.pictures) // FEWEST)
        clip = clip.thinned(step) if step > 1 else clip.smaller()
    raise TooLarge(f"No GIF of this file has less than {wanted.max_bytes:,} bytes.")


def _collected(data: bytes, wanted: Wanted) -> _Clip:
    """Keep as many frames as are wanted, evenly over the whole clip, never many more in memory."""
    media = open_media(data, wanted.limits)
    clip, gap = _Clip([], [], 0), FASTEST_MS
    size: tuple[int, int] | None = None
    for _, views in groupby(media.frames(), key=lambda frame: frame.index):
        shown = list(views)
        if clip.times and shown[0].time_ms < clip.times[-1] + gap:
            continue
        size = size or _fitting(shown[0], wanted)
        clip.pictures.append(_picture(shown, size))
        clip.times.append(shown[0].time_ms)
        if len(clip.pictures) > wanted.frames:
            clip = clip.thinned(2)
            # A little less than they are apart now, since no clip keeps time to the millisecond.
            gap = int(0.9 * (clip.times[-1] - clip.times[0]) / (len(clip.times) - 1))
    if not clip.pictures:
        raise BrokenMedia("The file shows no picture.")
    clip.end = max(media.info.duration_ms, clip.times[-1] + LEAST_MS)
    return clip


def _fitting(frame: Frame, wanted: Wanted) -> tuple[int, int]:
    """Width and height within what is wanted, in the frame's own shape and never larger."""
    height, width = frame.pixels.shape[:2]
    scale = min(1.0, wanted.width / width, wanted.height / height)
    return max(1, round(scale * width)), max(1, round(scale * height))


def _picture(views: Sequence[Frame], size: tuple[int, int]) -> Image.Image:
    """One displayed frame, made smaller; transparent again if it was seen on several pages.

    What shines through is the difference between the same pixel on white and on black.
    """
    pages = {view.background: view for view in reversed(views)}
    if not {"light", "dark"} <= pages.keys():
        return _scaled(views[0], size)
    light, dark = (np.asarray(_scaled(pages[name], size), np.int32) for name in ("light", "dark"))
    opacity = 255 - np.clip((light - dark).max(axis=2), 0, 255)
    colour = dark * 255 // np.maximum(opacity, 1)[..., None]
    pixels = np.dstack([np.clip(colour, 0, 255), opacity]).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA")


def _scaled(frame: Frame, size: tuple[int, int]) -> Image.Image:
    picture = Image.fromarray(frame.pixels)
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encoded(clip: _Clip) -> bytes:
    """Write the clip with one palette for all frames, so that what stands still costs nothing."""
    palette = _palette(clip.pictures)
    moving = len(clip.pictures) > 1
    dither = Image.Dither.NONE if moving else Image.Dither.FLOYDSTEINBERG
    clear = any(picture.mode == "RGBA" for picture in clip.pictures)
    frames = [_indexed(picture, palette, dither) for picture in clip.pictures]
    options: dict[str, Any] = {"transparency": _CLEAR} if clear else {}
    if moving:
        options |= {"save_all": True, "append_images": frames[1:], "loop": 0}
        options |= {"duration": clip.durations(), "disposal": 2 if clear else 1}
    with io.BytesIO() as file:
        frames[0].save(file, "GIF", optimize=False, **options)
        return file.getvalue()


def _palette(pictures: Sequence[Image.Image]) -> Image.Image:
    """The colours of some frames from the whole clip, as a palette picture."""
    some = pictures[:: -(-len(pictures) // _PALETTE_FROM)]
    small = []
    for picture in some:
        copy = picture.convert("RGB")
        copy.thumbnail((_PALETTE_SIDE, _PALETTE_SIDE))
        small.append(copy)
    sheet = Image.new("RGB", (max(s.width for s in small), sum(s.height for s in small)))
    top = 0
    for each in small:
        sheet.paste(each, (0, top))
        top += each.height
    return sheet.quantize(COLOURS, Image.Quantize.MEDIANCUT)


def _indexed(picture: Image.Image, palette: Image.Image, dither: Image.Dither) -> Image.Image:
    made = picture.convert("RGB").quantize(palette=palette, dither=dither)
    colours = made.getpalette() or []
    made.putpalette(colours + [0] * (768 - len(colours)))
    if picture.mode == "RGBA":
        hidden = picture.getchannel("A").point([255 * (level < _SEEN) for level in range(256)])
        made.paste(_CLEAR, mask=hidden)
    return made


def gif_in(messages: Iterable[Message]) -> bytes:
    """Return the GIF in what :func:`render` yielded in a worker; BrokenMedia if there is none."""
    found = b""
    for message in messages:
        if "gif" in message.arrays:
            found = message.arrays["gif"].tobytes()
    if not found:
        raise BrokenMedia("The worker gave no GIF back.")
    return found
