"""PDQ against the published vectors, a plain reading of the definition, and real pictures."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from perisai.errors import MatchingError
from perisai.matching import pdq
from perisai.matching.pdq import ORIENTATIONS, PdqHash, hash_frame, hash_orientations
from tests.common import clips
from tests.matching.pictures import TURNS, as_jpeg, drawn, flat

HERE = Path(__file__).parent / "data" / "pdq"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "pdq"  # the larger ones, if they are here


def _vectors() -> list[tuple[str, str]]:
    with (HERE / "expected.csv").open() as file:
        return [(row["file"], row["pdq_hash"]) for row in csv.DictReader(file)]


def _rgb(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


@pytest.mark.parametrize(("name", "expected"), _vectors())
def test_published_vectors(name: str, expected: str) -> None:
    path = next((folder / name for folder in (HERE, SHARED) if (folder / name).is_file()), None)
    if path is None:
        pytest.skip(f"{name} is too large to be kept here; it is in Meta's ThreatExchange sources")
    # JPEG decoders differ by a level here and there: the conformance rule is 10 bits
    distance = hash_frame(_rgb(path)).distance(PdqHash.from_hex(expected))
    assert distance <= (2 if name == "sharpen-a-lot.jpg" else 0)


def test_published_picture_without_texture_is_not_hashable() -> None:
    assert not hash_frame(_rgb(HERE / "small.jpg")).hashable
    assert hash_frame(_rgb(HERE / "wee.jpg")).hashable


def _plain_mean(values: np.ndarray, window: int) -> np.ndarray:
    """One box filter along the first axis, read straight from the published comments."""
    half = (window + 2) // 2
    out = np.empty_like(values)
    for place in range(len(values)):
        first = max(0, place + half - window)
        out[place] = values[first : place + half].mean(axis=0)
    return out


def _plain_hash(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spectrum and bits, one step of the definition at a time, nothing precomputed."""
    height, width = pixels.shape[:2]
    if max(height, width) > 512:
        steps = np.arange(512)
        pixels = pixels[steps * height // 512][:, steps * width // 512]
        height = width = 512
    luma = pixels.astype(np.float64) @ [0.299, 0.587, 0.114]
    for _ in range(2):
        luma = _plain_mean(luma.T, (width + 127) // 128).T
        luma = _plain_mean(luma, (height + 127) // 128)
    grid = np.arange(64)
    rows, columns = ((2 * grid + 1) * side // 128 for side in (height, width))
    samples = luma[rows][:, columns]
    cosine = np.cos(np.pi / 128 * np.outer(np.arange(17), 2 * grid + 1))[1:]
    spectrum = (cosine @ samples @ cosine.T).ravel()
    median = np.sort(spectrum)[127]
    words = np.zeros(16, dtype=int)
    for bit in range(256):
        if spectrum[bit] > median:
            words[bit // 16] |= 1 << (bit % 16)
    return spectrum - median, "".join(f"{word:04x}" for word in words[::-1])


@settings(max_examples=40, deadline=None)
@given(st.integers(5, 700), st.integers(5, 700), st.integers(0, 2**31))
def test_follows_the_definition_at_any_size(width: int, height: int, seed: int) -> None:
    pixels = drawn(seed, max(width, 40), max(height, 40))[:height, :width]
    margin, expected = _plain_hash(pixels)
    # bits so close to the median that rounding decides may differ
    sure = np.abs(margin) > 1e-5 * np.abs(margin).max()
    bits = np.unpackbits(np.frombuffer(hash_frame(pixels).bits, np.uint8))[::-1]
    wanted = np.unpackbits(np.frombuffer(bytes.fromhex(expected), np.uint8))[::-1]
    assert (bits == wanted)[sure].all()


@pytest.mark.parametrize(("width", "height"), [(498, 280), (256, 256), (100, 333), (700, 400)])
def test_orientations_are_those_of_really_turned_pictures(width: int, height: int) -> None:
    pixels = drawn(3, width, height)
    hashes, quality = hash_orientations(pixels)
    assert tuple(TURNS) == ORIENTATIONS
    assert quality == hash_frame(pixels).quality
    for row, turn in zip(hashes, TURNS.values(), strict=True):
        assert PdqHash(row.tobytes(), quality).distance(hash_frame(turn(pixels))) <= 2


def test_orientations_of_very_large_pictures_are_near() -> None:
    pixels = drawn(4, 1500, 1100)
    hashes, quality = hash_orientations(pixels)
    for row, turn in zip(hashes, TURNS.values(), strict=True):
        assert PdqHash(row.tobytes(), quality).distance(hash_frame(turn(pixels))) <= 16


def test_the_first_orientation_is_the_hash_itself() -> None:
    pixels = drawn(5, 301, 177)
    assert hash_orientations(pixels)[0][0].tobytes() == hash_frame(pixels).bits


def test_parts_are_hashed_as_if_cut_out() -> None:
    pixels = drawn(6, 320, 240)
    whole, lower = pdq.hash_with_parts(pixels, [(0.25, 1.0)])
    assert np.array_equal(whole[0], hash_orientations(pixels)[0])
    cut = pixels[60:]
    assert PdqHash(lower[0][0].tobytes(), lower[1]).distance(hash_frame(cut)) <= 2
    assert PdqHash(lower[0][1].tobytes(), lower[1]).distance(hash_frame(cut[:, ::-1])) <= 2


def test_flat_pictures_are_not_hashable() -> None:
    assert hash_frame(flat()).quality == 0
    assert not hash_frame(flat()).hashable


@pytest.mark.parametrize("shape", [(0, 0, 3), (4, 100, 3), (100, 4, 3), (1, 1, 3), (4, 2000, 3)])
def test_tiny_pictures_are_not_hashable(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert hash_frame(pixels).quality == 0
    assert hash_orientations(pixels)[1] == 0


@pytest.mark.parametrize("shape", [(40, 40), (40, 40, 1), (40, 40, 4), (2, 40, 40, 3)])
def test_anything_but_rgb_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="convert palettes"):
        hash_frame(np.zeros(shape, dtype=np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        hash_frame(np.zeros((40, 40, 3), dtype=np.float32))  # type: ignore[arg-type]


def test_frames_are_taken_by_their_pixels() -> None:
    class Shown:
        pixels = drawn(7)

    assert hash_frame(Shown()) == hash_frame(Shown.pixels)


def test_read_only_and_strided_pixels_are_fine() -> None:
    pixels = drawn(8).copy()
    pixels.setflags(write=False)
    twice = np.repeat(pixels, 2, axis=1)
    assert hash_frame(twice[:, ::2]) == hash_frame(pixels)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_distance_and_hex(left: bytes, right: bytes) -> None:
    one, other = PdqHash(left, 100), PdqHash.from_hex(right.hex().upper())
    expected = sum((a ^ b).bit_count() for a, b in zip(left, right, strict=True))
    assert one.distance(other) == other.distance(one) == expected
    assert PdqHash.from_hex(one.hex) == one
    rows = [np.frombuffer(bits, np.uint8)[None] for bits in (left, right)]
    assert pdq.distances(*rows) == [[expected]]


@pytest.mark.parametrize("text", ["", "00", "g" * 64, "0" * 63 + " ", "0" * 65, "\u0660" * 64])
def test_malformed_hex_is_refused(text: str) -> None:
    with pytest.raises(MatchingError, match="64 hexadecimal digits"):
        PdqHash.from_hex(text)


def test_a_hash_has_32_bytes() -> None:
    with pytest.raises(MatchingError, match="32 bytes"):
        PdqHash(b"short", 100)


def test_importing_needs_numpy_alone() -> None:
    code = (
        "import sys\n"
        "import perisai.matching.variants, perisai.matching.clips, perisai.matching.digests\n"
        "heavy = {'numba', 'scipy', 'pydantic', 'openvino', 'onnxruntime', 'PIL', 'av'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not clips.available(), reason=clips.MISSING)
@pytest.mark.parametrize("name", list(clips.CLIPS))
def test_the_same_real_picture_as_gif_and_as_jpeg(name: str) -> None:
    from perisai.media import open_media

    frames = clips.read_clip(name, 176 if name == "carphone" else 498)[5::25]
    told = 0
    for pixels in frames:
        file = io.BytesIO()
        still = Image.fromarray(pixels)
        other = Image.fromarray(pixels[::-1])  # a second frame, so that it is a moving GIF
        still.save(file, "GIF", save_all=True, append_images=[other], duration=80)
        (first, *_) = open_media(file.getvalue()).frames()
        gif, jpeg = hash_frame(first), hash_frame(as_jpeg(pixels))
        if jpeg.hashable:
            told += 1
            assert gif.distance(jpeg) <= 12
    assert told >= 4
