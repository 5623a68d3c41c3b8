"""What is put on a hash list for a file: digests, and hashes of every distinct frame."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from perisai import settings as settings_package
from perisai.errors import BrokenMedia, MediaError
from perisai.matching.digests import digest
from perisai.matching.pdq import PdqHash
from perisai.media.limits import MediaLimits
from perisai.media.sandbox import Sandbox, WorkerLimits
from perisai.screening.evidence import Evidence
from perisai.screening.options import PrepareOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

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


class Fingerprinter:
    """Fingerprints files, decoding them in workers that stay ready in between. Thread-safe.

    ``jobs`` is how many workers there are at most, by default as many as for screening. Use it as a
    context manager, or call :meth:`close`.
    """

    def __init__(self, settings: Settings | None = None, *, jobs: int | None = None) -> None:
        chosen = settings or settings_package.load()
        self.jobs = jobs or chosen.screening.jobs or os.cpu_count() or 1
        self.options = PrepareOptions(
            limits=MediaLimits(**chosen.media.model_dump()),
            bound=chosen.screening.bound,
            grid=chosen.screening.grid,
            hashes=False,
            variants=True,
        )
        limits = WorkerLimits(**chosen.worker.model_dump())
        self._sandbox = Sandbox("perisai.screening.prepare:prepare", self.jobs, limits)
        self._threads = ThreadPoolExecutor(self.jobs, thread_name_prefix="perisai-fingerprint")

    def fingerprint(self, path: str | os.PathLike[str]) -> Fingerprint:
        """Fingerprint a file; raises MediaError if it cannot be decoded."""
        options = replace(self.options, named=Path(path).name)
        data = _read(Path(path), options.limits)
        return _fingerprint(data, self._evidence(data, options))

    def fingerprint_bytes(self, data: bytes, name: str = "") -> Fingerprint:
        """The same for bytes in memory; ``name`` is the file's, to say when its ending lies."""
        options = replace(self.options, named=Path(name).name)
        options.limits.check_bytes(len(data))
        return _fingerprint(data, self._evidence(data, options))

    def shown(self, data: bytes) -> NDArray[np.uint8]:
        """The hashes by which a file is looked up in lists, uint8 (n, 32), each once.

        Raises MediaError if it cannot be decoded.
        """
        options = replace(self.options, hashes=True, variants=False)
        options.limits.check_bytes(len(data))
        return np.unique(self._evidence(data, options).hashes, axis=0)

    def each(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Fingerprint | MediaError]]:
        """Fingerprint many files at a time; yields them in the order given, the bad ones too."""
        waiting: deque[tuple[Path, Future[Fingerprint]]] = deque()
        for path in paths:
            waiting.append((path, self._threads.submit(self.fingerprint, path)))
            if len(waiting) > 2 * self.jobs:
                yield _outcome(*waiting.popleft())
        while waiting:
            yield _outcome(*waiting.popleft())

    def _evidence(self, data: bytes, options: PrepareOptions) -> Evidence:
        evidence = Evidence(options)
        for message in self._sandbox.stream(options.to_json(), data):
            evidence.take(message)
        evidence.check_over()
        return evidence

    def close(self) -> None:
        """End the workers and threads. May be called again."""
        self._sandbox.close()
        self._threads.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def fingerprint_file(path: str | os.PathLike[str], settings: Settings | None = None) -> Fingerprint:
    """Fingerprint one file, decoding it in a worker; raises MediaError if it cannot be decoded."""
    with Fingerprinter(settings, jobs=1) as fingerprinter:
        return fingerprinter.fingerprint(path)


def _outcome(path: Path, future: Future[Fingerprint]) -> tuple[Path, Fingerprint | MediaError]:
    try:
        return path, future.result()
    except MediaError as error:
        return path, error


def _read(path: Path, limits: MediaLimits) -> bytes:
    try:
        if not path.is_file():  # asked before opening: a pipe would keep us waiting
            raise BrokenMedia(f"{path} is not a file, or it is gone.")
        limits.check_bytes(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise BrokenMedia(f"{path} cannot be read: {error.strerror or error}.") from error


def _fingerprint(data: bytes, evidence: Evidence) -> Fingerprint:
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
