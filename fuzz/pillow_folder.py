"""Open every file of a folder, such as Pillow's own Tests/images: a verdict or a named error each.

pip download pillow --no-binary pillow --no-deps    # then unpack it
python fuzz/pillow_folder.py pillow-*/Tests/images
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from perisai.errors import MediaError
from perisai.media import open_media


def main(folder: Path) -> None:
    """Print one line for each file, then the totals."""
    totals: Counter[str] = Counter()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        begun = time.perf_counter()
        try:
            media = open_media(path)
            frames = sum(1 for _ in media.frames())
            outcome, detail = str(media.info.type), f"{frames} frames, {media.info}"
        except MediaError as error:
            outcome, detail = type(error).__name__, str(error)
        seconds = time.perf_counter() - begun
        totals[outcome] += 1
        print(f"{path.name}: {outcome}: {detail} ({seconds * 1000:.0f} ms)")
    print(dict(totals.most_common()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
