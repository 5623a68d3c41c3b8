"""A file's bytes, no more of them than may be looked at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.errors import BrokenMedia

if TYPE_CHECKING:
    from perisai.media.limits import MediaLimits

OneSource = str | os.PathLike[str] | bytes


def read_source(source: OneSource, limits: MediaLimits) -> bytes:
    """Return the bytes of a file, or those given. Raises BrokenMedia or TooLarge."""
    if isinstance(source, bytes):
        limits.check_bytes(len(source))
        return source
    try:
        # Asked before opening: a pipe would keep us waiting.
        if not Path(source).is_file():
            raise BrokenMedia(_no_file(Path(source)))
        with Path(source).open("rb") as file:
            limits.check_bytes(os.fstat(file.fileno()).st_size)
            # One byte more than allowed, should the file grow while it is read.
            data = file.read(limits.max_bytes + 1)
    except OSError as error:
        raise BrokenMedia(f"The file cannot be read: {error.strerror or error}.") from error
    limits.check_bytes(len(data))
    return data


def _no_file(path: Path) -> str:
    if path.is_dir():
        return "This is a folder, and nothing in it was looked at; see that it may be opened."
    if path.is_symlink() and not path.exists():
        return "This is a link that leads nowhere; mend or remove it."
    return "This is not a file, or it is gone."
