"""One archive: a tar of parts, and as its last member a manifest with the SHA-256 of each.

What is read from an archive may have been made by anybody. Only plain files are taken, under names
that a backup has, each once; nothing is written outside of the folder that is given. A truncated
archive has no manifest, or ends within a part.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from perisai.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

FORMAT = "perisai-backup-1"
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 256 * 1024 * 1024
CHUNK = 1024 * 1024
_WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}"
_NAME = re.compile(rf"{_WORD}(/{_WORD}){{0,6}}")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an archive."""

    name: str
    size: int
    sha256: str


class Writer:
    """Writes an archive into a file that is open."""

    def __init__(self, file: BinaryIO) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by finish
        self.parts: list[Part] = []

    def add(self, name: str, file: Path) -> None:
        """Add one file; a file that is gone meanwhile is left out."""
        try:
            source = file.open("rb")
        except FileNotFoundError:
            return
        with source:
            size = os.fstat(source.fileno()).st_size
            hashed = _Hashed(source)
            self._tar.addfile(_member(name, size), hashed)
        self.parts.append(Part(name, size, hashed.sha256.hexdigest()))

    def finish(self, told: Mapping[str, Any]) -> None:
        """Add the manifest: what is told of the whole, and every part."""
        parts = [{"name": p.name, "size": p.size, "sha256": p.sha256} for p in self.parts]
        text = json.dumps({"format": FORMAT, **told, "parts": parts}, indent=1).encode()
        self._tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))
        self._tar.close()


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        return data


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def unpack(
    file: Path, folder: Path, told: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """Write every part into an empty folder, and return the manifest once all fits it.

    ``told`` is called with the number of bytes that were read. Raises StorageError, which names
    the part that is not what was backed up.
    """
    found: dict[str, Part] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(file, mode="r:") as archive:
            for member in _members(archive):
                if manifest is not None:
                    raise StorageError(f"{file} goes on after its manifest; it is no backup")
                source = archive.extractfile(member)
                assert source is not None  # noqa: S101 - it is a plain file
                if member.name == MANIFEST:
                    manifest = _read_manifest(source.read(LARGEST_MANIFEST))
                elif member.name in found:
                    raise StorageError(f"{file} has the part {member.name} twice; it is no backup")
                else:
                    found[member.name] = _write(member.name, source, folder / member.name)
                told(archive.offset)
    except (tarfile.TarError, EOFError) as error:
        raise StorageError(
            f"{file} is damaged or ends too early ({error}); take another"
        ) from error
    if manifest is None:
        raise StorageError(f"{file} ends too early: it has no manifest; take another backup")
    _compare(file, manifest, found)
    return manifest


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        if not member.isreg() or not _NAME.fullmatch(member.name) or ".." in member.name:
            raise StorageError(
                f"the archive has a member that no backup has, {member.name[:100]!r}; nothing "
                "was restored"
            )
        yield member


def _write(name: str, source: Any, target: Path) -> Part:  # noqa: ANN401 - what tarfile gives
    target.parent.mkdir(parents=True, exist_ok=True)
    sha256, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        while data := source.read(CHUNK):
            sha256.update(data)
            size += len(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return Part(name, size, sha256.hexdigest())


def _read_manifest(text: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(text)
        parts = {str(p["name"]): (int(p["size"]), str(p["sha256"])) for p in manifest["parts"]}
        log = (int(manifest["log"]["number"]), str(manifest["log"]["link"]))
        good = manifest["format"] == FORMAT and bool(parts) and bool(log)
    except (ValueError, LookupError, TypeError) as error:
        raise StorageError("the manifest of the backup is damaged; take another") from error
    if not good:
        raise StorageError(
            f"the backup has a format that this version does not know ({manifest['format']!r}); "
            "install the version of Perisai that made it"
        )
    return dict(manifest)


def _compare(file: Path, manifest: Mapping[str, Any], found: Mapping[str, Part]) -> None:
    wanted = {p["name"]: Part(p["name"], p["size"], p["sha256"]) for p in manifest["parts"]}
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            raise StorageError(f"{file} lacks the part {name}; take another backup")
        if wanted.get(name) != found[name]:
            raise StorageError(
                f"the part {name} of {file} is not what was backed up (its SHA-256 differs); "
                "take another backup"
            )
