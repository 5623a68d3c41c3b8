"""Throw broken files at ``open_media(...).frames()``: only a MediaError may come out, and soon.

    python fuzz/fuzz_media.py fuzz/seeds                    # coverage-guided; needs atheris
    python fuzz/fuzz_media.py --mutate 200000 --jobs 2      # plain mutations of the seeds

Execution ``n`` of the second form is always the same file, so ``--first n --mutate 1 --keep FILE``
repeats it. The number of the running execution stands in ``fuzz_media.<first>.running``, for the
case that a decoder takes the whole process down.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import get_args

from perisai.errors import MediaError
from perisai.media import Background, MediaLimits, open_media

HERE = Path(__file__).parent
LIMITS = MediaLimits(
    max_bytes=1 << 20,
    max_pixels=1 << 18,
    max_frames=64,
    max_duration_ms=60_000,
    max_total_pixels=1 << 22,
)
SECONDS_AT_MOST = 10.0
GROWTH_AT_MOST_MB = 300
NASTY = (0, 1, 2, 7, 8, 9, 11, 12, 0x21, 0x2C, 0x3B, 0x7F, 0x80, 0xF9, 0xFE, 0xFF)


def screen(data: bytes) -> str:
    """Decode every frame; return the name of the outcome. Anything but a MediaError escapes."""
    try:
        media = open_media(data, LIMITS)
        for frame in media.frames():
            if frame.pixels.shape[2] != 3 or frame.background not in get_args(Background):
                raise AssertionError(f"an odd frame: {frame.pixels.shape} {frame.background}")
        info = media.info
    except MediaError as error:
        return type(error).__name__
    return f"{info.type}{' truncated' if info.truncated else ''}"


def mutated(seeds: list[bytes], number: int) -> bytes:
    """Return the file of execution ``number``."""
    chance = random.Random(number)  # repeatable on purpose
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8, 13))):
        change(data, seeds, chance)
    return bytes(data)


def change(data: bytearray, seeds: list[bytes], chance: random.Random) -> None:
    """Make one change in place."""
    at = chance.randrange(len(data) + 1)
    length = chance.choice((1, 2, 3, 4, 8, 16, 64, 256))
    match chance.randrange(9):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1 if at < len(data):
            data[at] = chance.choice(NASTY)
        case 2 if at + 1 < len(data):
            value = chance.choice((0, 1, 255, 256, 32767, 32768, 65535))
            data[at : at + 2] = value.to_bytes(2, chance.choice(("little", "big")))
        case 3 if at + 3 < len(data):
            value = chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(data)))
            data[at : at + 4] = value.to_bytes(4, chance.choice(("little", "big")))
        case 4:
            del data[at : at + length]
        case 5:
            data[at:at] = chance.randbytes(length)
        case 6:
            data[at:at] = data[at : at + length]
        case 7 if at > 8:
            del data[at:]
        case _:
            other = chance.choice(seeds)
            start = chance.randrange(len(other))
            data[at : at + length] = other[start : start + length]


def run(first: int, count: int, keep: Path | None) -> None:
    """Do ``count`` executions, beginning with number ``first``, and print what came out."""
    seeds = [path.read_bytes() for path in sorted((HERE / "seeds").iterdir())]
    outcomes: Counter[str] = Counter()
    slowest, started = (0.0, first), time.perf_counter()
    before = 0
    with Path(f"fuzz_media.{first}.running").open("w") as running:
        faulthandler.enable()
        for number in range(first, first + count):
            running.seek(0)
            running.write(f"{number:12}")
            running.flush()
            data = mutated(seeds, number)
            if keep:
                keep.write_bytes(data)
            begun = time.perf_counter()
            outcomes[screen(data)] += 1
            slowest = max(slowest, (time.perf_counter() - begun, number))
            if slowest[0] > SECONDS_AT_MOST:
                raise AssertionError(f"execution {number} took {slowest[0]:.1f} s")
            if number == first + count // 10:
                before = megabytes()
    Path(f"fuzz_media.{first}.running").unlink()
    seconds = time.perf_counter() - started
    grown = megabytes() - before
    print(f"{count:,} executions in {seconds:.0f} s ({count / seconds:.0f} a second); slowest: "
          f"{slowest[0] * 1000:.0f} ms (number {slowest[1]}); "
          f"peak memory {megabytes()} MB, grown by {grown} MB in the last nine tenths")  # fmt: skip
    for name, times in outcomes.most_common():
        print(f"  {times:8,}  {name}")
    if grown > GROWTH_AT_MOST_MB:
        raise AssertionError("memory grows")


def megabytes() -> int:
    """Return the peak resident size so far (Linux counts it in kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def fuzz_with_atheris() -> None:
    """Hand the arguments to libFuzzer."""
    import atheris  # type: ignore[import-not-found]  # noqa: PLC0415  # optional

    def once(data: bytes) -> None:
        screen(data)

    atheris.instrument_all()
    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


def main() -> None:
    """Read the command line."""
    if "--mutate" not in sys.argv:
        fuzz_with_atheris()
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutate", type=int, metavar="N", required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="write the (last) file there")
    options = parser.parse_args()
    if options.jobs == 1:
        run(options.first, options.mutate, options.keep)
        return
    share = options.mutate // options.jobs
    command = [sys.executable, __file__, "--mutate", str(share)]
    children = [
        subprocess.Popen([*command, "--first", str(options.first + job * share)])
        for job in range(options.jobs)
    ]
    sys.exit(max(abs(child.wait()) for child in children))


if __name__ == "__main__":
    main()
