"""The transparency of VP8 and VP9 in WebM: a second film that travels beside each picture.

Format: WebM guidelines, "Alpha channel" (``AlphaMode`` 1; BlockAdditional with the ID 1 holds a
frame of the same codec whose luma is the alpha). FFmpeg's own decoders leave it out, and libvpx,
which would not, takes gigabytes for a lie in a header; so the second film is decoded here by
FFmpeg's decoder under the same limit on pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import av
import numpy as np

from perisai.media.guard import DECODER_ERRORS

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

_CODECS = ("vp8", "vp9")
_SIDE_DATA: Final = "matroska_block_additional"
_ID_SIZE = 8
_WAITING_AT_MOST = 64


class Alpha:
    """Decodes the second film packet by packet and finds the plane of each picture by its time."""

    def __init__(self, codec: str, options: dict[str, str]) -> None:
        self._decoder = cast("VideoCodecContext", av.CodecContext.create(codec, "r"))
        self._decoder.options = options
        self._decoder.thread_count = 1
        self._planes: dict[int, NDArray[np.uint8]] = {}

    @classmethod
    def of(cls, stream: VideoStream, options: dict[str, str]) -> Alpha | None:
        """Return a decoder if the stream says that it has transparency."""
        codec = stream.codec_context.name
        if codec not in _CODECS or stream.metadata.get("alpha_mode") != "1":
            return None
        return cls(codec, options)

    def decode(self, packet: av.Packet[Any]) -> None:
        """Decode the alpha that came with ``packet``; damaged alpha counts as none."""
        if packet.pts is None or not packet.has_sidedata(_SIDE_DATA):
            return
        content = bytes(packet.get_sidedata(_SIDE_DATA))
        if int.from_bytes(content[:_ID_SIZE]) != 1 or len(content) == _ID_SIZE:
            return
        veil = av.Packet(content[_ID_SIZE:])
        veil.pts = packet.pts
        try:
            frames = self._decoder.decode(veil)
        except (*DECODER_ERRORS, av.FFmpegError):
            return
        for frame in frames:
            if frame.pts is not None:
                self._planes[frame.pts] = _luma(frame)
        while len(self._planes) > _WAITING_AT_MOST:  # left by pictures that could not be decoded
            del self._planes[next(iter(self._planes))]

    def plane(self, frame: VideoFrame) -> NDArray[np.uint8] | None:
        """Return the alpha of ``frame``, (height, width), or None if it is opaque."""
        return None if frame.pts is None else self._planes.pop(frame.pts, None)


def _luma(frame: VideoFrame) -> NDArray[np.uint8]:
    """Copy the first plane of a frame with eight bits a sample."""
    plane = frame.planes[0]
    rows = np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)
    return np.array(rows[: frame.height, : frame.width])
