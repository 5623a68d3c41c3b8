"""What goes on a list for one file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from perisai.errors import ListError
from perisai.matching.lists.clip_values import clip_text
from perisai.matching.lists.model import Entry, Kind, fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.matching.clips import ClipSignature
    from perisai.matching.pdq import PdqHash


class Fingerprint(Protocol):
    """Hashes of a file, as :mod:`perisai.screening.fingerprint` makes them."""

    @property
    def sha256(self) -> str:
        """Of the file's bytes, in hex."""

    @property
    def md5(self) -> str:
        """Of the file's bytes, in hex."""

    @property
    def pictures(self) -> Sequence[Sequence[tuple[str, PdqHash]]]:
        """For each distinct frame its variants by name."""

    @property
    def clip(self) -> ClipSignature | None:
        """The frames in order; None for a still picture."""


def entries_of(fingerprint: Fingerprint) -> list[Entry]:
    """The file's digests, every distinct frame in all variants, and the clip as a whole.

    Hashes that cannot tell pictures apart are left out: the digests remain.
    """
    file = bytes.fromhex(fingerprint.sha256)
    entries = [
        Entry(Kind.SHA256, file, file=file),
        Entry(Kind.MD5, bytes.fromhex(fingerprint.md5), file=file),
    ]
    for number, variants in enumerate(fingerprint.pictures):
        found = (
            Entry(Kind.PDQ, pdq.bits, pdq.quality, name, number, file) for name, pdq in variants
        )
        entries += [entry for entry in found if fault(entry) is None]
    if fingerprint.clip is not None:
        with suppress(ListError):  # nothing but flat pictures
            entries.append(Entry(Kind.CLIP, clip_text(fingerprint.clip).encode(), file=file))
    return entries
