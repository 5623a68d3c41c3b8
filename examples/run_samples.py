"""``make samples``: makes sample media on the spot, screens it, and says where the report is.

Nothing here is pornographic. Harmless drawn stand-ins are put on a hash list first, so that you see
protection at work: as a single frame that flashes by, mirrored, and letterboxed.

Usage: python examples/run_samples.py [FOLDER]
"""

from __future__ import annotations

import os
import shutil
import sys
import webbrowser
from pathlib import Path

from make_samples import make_samples

from perisai.cli import run

LIST = "stand-ins"


def main(folder: Path) -> int:
    """Make, list, screen; returns 0 if all of that went as it should."""
    # A folder of its own for lists: the visitor's data stays as it is.
    os.environ["PERISAI_HOME"] = str(folder / "home")
    shutil.rmtree(folder, ignore_errors=True)
    media = folder / "media"
    media.mkdir(parents=True)
    print(f"Making sample media in {media} ...")
    samples = make_samples(media)
    about = ["--label", "listed", "--source", "make samples", "--licence", "CC0-1.0"]
    if run(["lists", "create", LIST, *about]):
        return 2
    if run(["lists", "add", LIST, *map(str, samples.stand_ins)]):
        return 2
    report = folder / "report.html"
    print(f"\nScreening {media} for the youngest children:\n")
    status = run(["screen", str(media), "--report", str(report), "--stills"])
    if status not in (1, 3):
        print(f"The stand-ins should have been withheld, but the status is {status}.")
        return 1
    print(f"\nThe report opens without a server: {report.resolve()}")
    if sys.stdout.isatty() and os.environ.get("DISPLAY"):
        webbrowser.open(report.resolve().as_uri())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/samples")))
