"""What is put on a hash list for a file: digests, and hashes of every distinct frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from perisai import settings as settings_package
from perisai.errors import BrokenMedia
from perisai.matching.digests import digest
from perisai.matching.pdq import PdqHash
from perisai.media.limits import MediaLimits
from perisai.media.sandbox import Sandbox, WorkerLimits
from perisai.screening.evidence import Evidence
from perisai.screening.options import PrepareOptions

if TYPE_CHECKING:
    import os

    from perisai.matching.clips import ClipSignature
    from perisai.settings import Settings


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes of one file.

    ``pictures`` has an entry for every distinct frame that can be hashed: the frame as it is and
    its crop variants, by name. ``clip`` is the sequence of them, or None for a single picture.
    ``unhashable`` counts the distinct frames that are too flat to be told apart by a hash.
    """

    sha256: str
    md5: str
    pictures: list[list[tuple[str, PdqHash]]] = field(default_factory=list)
    clip: ClipSignature | None = None
    unhashable: int = 0


def fingerprint_file(path: str | os.PathLike[str], settings: Settings | None = None) -> Fingerprint:
    """Fingerprint a file, decoding it in a worker; raises MediaError if it cannot be decoded."""
    chosen = settings or settings_package.load()
    options = PrepareOptions(
        limits=MediaLimits(**chosen.media.model_dump()),
        bound=chosen.screening.bound,
        grid=chosen.screening.grid,
        hashes=False,
        variants=True,
        named=Path(path).name,
    )
    try:
        if not Path(path).is_file():  # asked before opening: a pipe would keep us waiting
            raise BrokenMedia(f"{path} is not a file, or it is gone.")
        options.limits.check_bytes(Path(path).stat().st_size)
        data = Path(path).read_bytes()
    except OSError as error:
        raise BrokenMedia(f"{path} cannot be read: {error.strerror or error}.") from error
    evidence = Evidence(options)
    limits = WorkerLimits(**chosen.worker.model_dump())
    with Sandbox("perisai.screening.prepare:prepare", 1, limits) as sandbox:
        for message in sandbox.stream(options.to_json(), data):
            evidence.take(message)
    evidence.check_over()
    digests = digest(data)
    pictures: dict[tuple[int, bool], list[tuple[str, PdqHash]]] = {}
    for shown, name, bits, quality in evidence.variants:
        pictures.setdefault((shown.frame, shown.on_dark), []).append((name, PdqHash(bits, quality)))
    return Fingerprint(
        digests.sha256,
        digests.md5,
        list(pictures.values()),
        evidence.clip(),
        len(evidence.representatives) - len(pictures),
    )
