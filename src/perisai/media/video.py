"""MP4 and WebM through FFmpeg (PyAV): every picture in the file, upright, in RGB.

Edit lists are ignored, so that pictures which a player skips are looked at, too; and so is every
other video track, after the first. Sound is never decoded.

Formats: ISO/IEC 14496-12 (MP4), RFC 9559 and the WebM guidelines (``AlphaMode``). The colour matrix
is the one that the stream names; where it names none, BT.709 from 720 lines on and BT.601 below, as
Chromium guesses.
"""

from __future__ import annotations

import io
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

import av
import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from av.video.reformatter import VideoReformatter
from PIL import Image

from perisai.errors import BrokenMedia, TooLarge
from perisai.media import boxes, matroska
from perisai.media.backgrounds import flattened, pixels_of
from perisai.media.frames import Background, Frame, MediaType
from perisai.media.guard import DECODER_ERRORS
from perisai.media.reader import Reader
from perisai.media.video_alpha import Alpha

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from perisai.media.limits import MediaLimits

_ERRORS = (*DECODER_ERRORS, av.FFmpegError)
_BT709, _BT601 = 1, 5
_MATRICES = frozenset({1, 4, 5, 6, 7, 9})
"""The matrix coefficients (ISO/IEC 23091-2) that the converter knows."""
_LIMITED, _FULL = 1, 2
_HD_FROM = 720
_FALLBACK_MS = 40
_TRACKS_AT_MOST = 8
_BAD_PACKETS_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class _Shown:
    """A decoded picture before it is known how long it stays."""

    time_ms: int
    pixels: NDArray[np.uint8]  # RGB or RGBA: its views are made one by one when they are asked for

    def views(self) -> Iterator[tuple[Background, NDArray[np.uint8]]]:
        """Yield the picture, or it on every page that it needs if anything shines through."""
        if self.pixels.shape[2] == 3:
            yield "opaque", self.pixels
            return
        for background, on_it in flattened(Image.fromarray(self.pixels)):
            yield background, pixels_of(on_it)


class VideoReader(Reader):
    """What MP4 and WebM have in common."""

    demuxer: ClassVar[str]
    options: ClassVar[dict[str, str]] = {}

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__(data, limits)
        self._decoder_options = {
            # Coded sizes are rounded up; FFmpeg checks them whenever they change in mid-stream.
            "max_pixels": str(limits.max_pixels * 9 // 8 + 65536),
            "threads": "1",
        }
        self._look_around()
        self._cut = self.truncated
        with self._container() as container:
            tracks = container.streams.video
            if not tracks:
                raise BrokenMedia("The file holds no video track; there is nothing to look at.")
            self._tracks = len(tracks)
            if self._tracks > _TRACKS_AT_MOST:
                raise TooLarge(f"The file holds {self._tracks} video tracks; nobody needs those.")
            for track in tracks:
                limits.check_canvas(track.codec_context.width, track.codec_context.height)
            context = tracks[0].codec_context
            self.width, self.height = context.width, context.height
            self.frame_count = max(0, tracks[0].frames)
            self.duration_ms = max(0, (container.duration or 0) // 1000)
        limits.check_frames(self.frame_count, self.width, self.height)
        limits.check_duration(self.duration_ms)
        if self._tracks > 1:
            self.note(f"{self._tracks - 1} more video tracks (screened after the first)")

    def frames(self) -> Iterator[Frame]:
        """Yield the pictures of the first video track, then those of the others."""
        self.truncated = self._cut
        self._decoded_pixels = 0
        index = time_ms = 0
        for track in range(self._tracks):
            for shown, duration_ms in self._timed(self._track(track)):
                for background, pixels in shown.views():
                    if not index:
                        self.height, self.width = pixels.shape[:2]
                    yield Frame(index, time_ms, duration_ms, pixels, background)
                index += 1
                time_ms += duration_ms
                self.limits.check_frames(index, 1, 1)
                self.limits.check_duration(time_ms)
            if not index:
                raise BrokenMedia("No picture of the video could be decoded; get a whole copy.")
        self.frame_count, self.duration_ms = index, time_ms

    @abstractmethod
    def _look_around(self) -> None:
        """Note what the file holds besides its tracks, and whether it was cut."""

    def _container(self) -> InputContainer:
        """Open the file as what it was found to be, and as nothing else."""
        try:
            return av.open(
                io.BytesIO(self.data),
                "r",
                format=self.demuxer,
                # For the decoders, too, that find out about the streams while opening.
                options={**self.options, **self._decoder_options},
            )
        except _ERRORS as error:
            raise BrokenMedia(
                f"The {self.type} could not be opened ({error}); get a whole copy."
            ) from error

    def _timed(self, pictures: Iterator[_Shown]) -> Iterator[tuple[_Shown, int]]:
        """Add to each picture how long it stays: until the next one comes."""
        before: _Shown | None = None
        duration_ms = _FALLBACK_MS
        for shown in pictures:
            if before is not None:
                duration_ms = max(0, shown.time_ms - before.time_ms)
                yield before, duration_ms
            before = shown
        if before is not None:
            yield before, duration_ms

    def _track(self, number: int) -> Iterator[_Shown]:
        """Decode one track; what is damaged is left out and ``truncated`` is set."""
        with self._container() as container:
            stream = container.streams.video[number]
            stream.codec_context.options = self._decoder_options
            stream.codec_context.thread_count = 1
            alpha = Alpha.of(stream, self._decoder_options)
            converter = _Converter(stream, self.limits)
            start: float | None = None
            last = 0
            for frame in self._decoded(container, stream, alpha):
                self._decoded_pixels += frame.width * frame.height
                self.limits.check_frames(1, self._decoded_pixels, 1)
                base = frame.time_base or stream.time_base
                stamp = None if frame.pts is None or not base else float(frame.pts * base) * 1000
                if stamp is None:
                    stamp = last + _FALLBACK_MS + (start or 0)
                start = stamp if start is None else start
                last = max(last, round(stamp - start))
                yield _Shown(last, converter.shown(frame, alpha))

    def _decoded(
        self, container: InputContainer, stream: VideoStream, alpha: Alpha | None
    ) -> Iterator[VideoFrame]:
        """Feed the decoder packet by packet and go on after a damaged one.

        What fails for another reason than damage, such as a picture over the limit on pixels or a
        feature that FFmpeg lacks, ends the file: some player shows it.
        """
        packets = container.demux(stream)
        for _ in range(_BAD_PACKETS_AT_MOST):
            try:
                while (packet := next(packets, None)) is not None:
                    if alpha:
                        alpha.decode(packet)
                    yield from stream.codec_context.decode(packet)
            except av.InvalidDataError:
                self.truncated = True
            except av.FFmpegError as error:  # also its MemoryError, for a size that is a lie
                raise BrokenMedia(
                    f"The {self.type} could not be decoded to its end ({error.strerror})."
                ) from error
            else:
                return
        raise BrokenMedia("Too much of the video is damaged to look at the rest; get a whole copy.")


class Mp4Reader(VideoReader):
    """MP4, MOV and their relatives."""

    type = MediaType.MP4
    demuxer = "mov"
    options: ClassVar[dict[str, str]] = {"ignore_editlist": "1"}

    def _look_around(self) -> None:
        boxes.check_claims(self.data)
        self.notes, self.truncated = boxes.look_around(self.data)


class WebmReader(VideoReader):
    """WebM."""

    type = MediaType.WEBM
    demuxer = "matroska"

    def _look_around(self) -> None:
        self.notes, self.truncated = matroska.look_around(self.data)


class _Converter:
    """Turns decoded frames of one track into upright RGB pictures with square pixels."""

    def __init__(self, stream: VideoStream, limits: MediaLimits) -> None:
        self._limits = limits
        self._aspect = stream.sample_aspect_ratio
        self._reformatter = VideoReformatter()

    def shown(self, frame: VideoFrame, separate: Alpha | None) -> NDArray[np.uint8]:
        """Return the frame as RGB, or as RGBA if it may be transparent; read-only."""
        width, height = self._size(frame)
        self._limits.check_canvas(width, height)
        veil = separate.plane(frame) if separate else None
        alpha = veil is not None or any(part.is_alpha for part in frame.format.components)
        flat = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgba" if alpha else "rgb24",
            threads=1,
            **_colours(frame),
        )
        picture = cast("NDArray[np.uint8]", flat.to_ndarray())
        if veil is not None:
            resized = Image.fromarray(veil).resize((width, height), Image.Resampling.BILINEAR)
            picture[..., 3] = np.asarray(resized)
        pixels = np.ascontiguousarray(_upright(picture, _matrix(frame)))
        pixels.setflags(write=False)
        return pixels

    def _size(self, frame: VideoFrame) -> tuple[int, int]:
        """Return the size with square pixels; a browser stretches the shorter way."""
        aspect = self._aspect
        if not aspect or not 1 / 16 < aspect < 16 or aspect == 1:
            return frame.width, frame.height
        if aspect > 1:
            return round(frame.width * aspect), frame.height
        return frame.width, max(1, round(frame.height / aspect))


def _colours(frame: VideoFrame) -> dict[str, int]:
    """Return the matrix and range that the converter is to assume."""
    if frame.format.is_rgb:
        return {}
    matrix = int(frame.colorspace)
    if matrix not in _MATRICES:
        matrix = _BT709 if frame.height >= _HD_FROM else _BT601
    full = frame.format.name.startswith("yuvj") or int(frame.color_range) == _FULL
    return {
        "src_colorspace": matrix,
        "src_color_range": _FULL if full else _LIMITED,
        "dst_color_range": _FULL,
    }


def _matrix(frame: VideoFrame) -> tuple[int, int, int, int] | None:
    """Return a, b, c, d of the display matrix (ISO/IEC 14496-12, 6.2.2), if there is one."""
    side = cast("Any", frame.side_data).get(SideDataType.DISPLAYMATRIX)
    if side is None:
        return None
    a, b, _, c, d = np.frombuffer(bytes(side), np.int32)[:5].tolist()
    return a, b, c, d


def _upright(
    pixels: NDArray[np.uint8], matrix: tuple[int, int, int, int] | None
) -> NDArray[np.uint8]:
    """Turn and mirror in quarter turns, as the display matrix demands."""
    if matrix is None:
        return pixels
    a, b, c, d = matrix
    across, down = a, d
    if abs(b) > abs(a):  # x' comes from y and y' from x
        pixels = pixels.swapaxes(0, 1)
        across, down = c, b
    if across < 0:
        pixels = pixels[:, ::-1]
    if down < 0:
        pixels = pixels[::-1]
    return pixels
