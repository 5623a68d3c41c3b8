"""Where files to import lie: in a folder, or under a prefix of a bucket."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from perisai.errors import TooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import S3Store

    from perisai.settings import Settings


class Place(Protocol):
    """Files under names with slashes between folders; ``str`` of a place is for messages."""

    def names(self) -> Iterator[str]:
        """All files but hidden ones, in order. Raises StorageError if nobody can say."""
        ...

    def inside(self, name: str) -> str:
        """The plain name of a file in here, there or not; empty if it leads out of the place."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is such a file. Raises StorageError if nobody can say."""
        ...

    def read(self, name: str, most: int) -> bytes:
        """Read a file; TooLarge over ``most`` bytes, OSError or StorageError if it fails."""
        ...


class FolderPlace:
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def names(self) -> Iterator[str]:
        """See Place."""
        for parent, folders, names in os.walk(self._folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith("."):
                    yield (Path(parent) / name).relative_to(self._folder).as_posix()

    def inside(self, name: str) -> str:
        """See Place; links are followed first."""
        if "\0" in name:
            return ""
        folder = self._folder.resolve()
        path = (folder / name).resolve()
        return path.relative_to(folder).as_posix() if folder in path.parents else ""

    def has(self, name: str) -> bool:
        """See Place."""
        return (self._folder / name).is_file()

    def read(self, name: str, most: int) -> bytes:
        """See Place."""
        with (self._folder / name).open("rb") as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise _too_large(most)
        return data


class BucketPlace:
    """A prefix of a bucket of S3. Nothing is read before it is asked for."""

    def __init__(self, address: str, bucket: S3Store) -> None:
        self._address = address
        self._bucket = bucket

    def __str__(self) -> str:
        return self._address

    def names(self) -> Iterator[str]:
        """See Place; S3 lists in order."""
        import obstore  # noqa: PLC0415 - an extra

        from perisai.storage.objects.s3 import explained  # noqa: PLC0415

        with explained():
            for part in obstore.list(self._bucket):
                for found in part:
                    name = found["path"]
                    if not any(each.startswith(".") for each in name.split("/")):
                        yield name

    def inside(self, name: str) -> str:
        """See Place."""
        path = PurePosixPath(name)
        return "" if path.is_absolute() or ".." in path.parts or not path.name else str(path)

    def has(self, name: str) -> bool:
        """See Place."""
        import obstore  # noqa: PLC0415

        from perisai.errors import ObjectMissing  # noqa: PLC0415
        from perisai.storage.objects.s3 import explained  # noqa: PLC0415

        try:
            with explained(name):
                obstore.head(self._bucket, name)
        except ObjectMissing:
            return False
        return True

    def read(self, name: str, most: int) -> bytes:
        """See Place."""
        import obstore  # noqa: PLC0415

        from perisai.storage.objects.s3 import explained  # noqa: PLC0415

        with explained(name):
            found = obstore.get(self._bucket, name)
            if found.meta["size"] > most:  # nothing of it is read
                raise _too_large(most)
            return bytes(found.bytes())


def place_of(settings: Settings, address: str) -> tuple[Place, str]:
    """Return the place that ``s3://BUCKET/PREFIX`` names, and the name of a file that it ends in.

    That name is empty unless it ends in ``.csv`` or ``.json``. Raises ValueError if the address is
    none, SettingsError if the extra ``s3`` is missing.
    """
    from perisai.storage.objects.s3 import open_bucket  # noqa: PLC0415 - an extra

    prefix, slash, last = address.rstrip("/").rpartition("/")
    if not (slash and last.endswith((".csv", ".json")) and prefix.count("/") >= 2):
        prefix, last = address, ""
    return BucketPlace(prefix.rstrip("/"), open_bucket(settings, prefix)), last


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The file is over {most:,} bytes, the limit.")
