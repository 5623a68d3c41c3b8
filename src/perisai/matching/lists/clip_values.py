"""Clips as values on a list: checked JSON text, and vPDQ's text in other people's files."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from perisai.errors import ListError, MatchingError
from perisai.matching.clips import ClipSignature, Run
from perisai.matching.lists.model import tells_apart
from perisai.matching.pdq import MIN_QUALITY, PdqHash

if TYPE_CHECKING:
    from numpy.typing import NDArray

HASH_CHARACTERS = 67
"""What a hash takes up in a signature's text: its digits, quotes and a comma."""
_NO_HASH = np.zeros((0, 32), np.uint8)


def clip_text(signature: ClipSignature) -> str:
    """The text that is stored, without hashes that would match flat pictures.

    Raises :class:`ListError` where nothing is left that could be recognised.
    """
    runs = [
        Run(run.hashes[[tells_apart(row.tobytes()) for row in run.hashes]], run.duration_ms)
        if run.hashable
        else run
        for run in signature.runs
    ]
    return ClipSignature(tuple(runs)).to_json()


def canonical_clip(text: str) -> str:
    """Check a signature's JSON text and write it as Perisai does. Raises :class:`ListError`."""
    return clip_text(ClipSignature.from_json(text))


def clip_hashes(text: str) -> NDArray[np.uint8]:
    """All hashes of a clip, shape (n, 32), n at least 1."""
    return np.concatenate([run.hashes for run in ClipSignature.from_json(text).runs])


def clip_from_vpdq(text: str) -> str:
    """Turn vPDQ's text, a JSON list of "hash,quality,seconds", into a signature's text.

    A picture is taken to last until the next one; the last as long as the one before. Raises
    :class:`ListError` for anything else, and for clips of flat pictures only (which pass vPDQ's own
    check and match everything).
    """
    try:
        values = json.loads(text)
        frames = sorted((_frame(value) for value in values), key=lambda frame: frame[0])
    except (ValueError, TypeError, AttributeError, RecursionError, MatchingError) as error:
        raise ListError(f'vpdq must be a JSON list of "hash,quality,seconds" ({error})') from error
    if not frames:
        raise ListError("vpdq holds no frames")
    spans = [round(1000 * (after[0] - before[0])) for before, after in pairwise(frames)]
    spans.append(spans[-1] if spans else 0)
    return clip_text(
        ClipSignature.of((hashes, span) for (_, hashes), span in zip(frames, spans, strict=True))
    )


def vpdq_from_clip(text: str) -> str:
    """Write a signature as vPDQ: each picture as it is, when it begins, quality 100."""
    frames, at = [], 0
    for run in ClipSignature.from_json(text).runs:
        if run.hashable:
            frames.append(f"{run.hashes[0].tobytes().hex()},100,{at / 1000:.3f}")
        at += run.duration_ms
    return json.dumps(frames)


def _frame(value: str) -> tuple[float, NDArray[np.uint8]]:
    text, quality, seconds = value.split(",")
    at = float(seconds)
    if not 0 <= at < 1e7:  # also refuses "nan"
        raise ValueError(f"{seconds} is not a time in a clip")
    found = PdqHash.from_hex(text, int(quality))
    usable = found.quality >= MIN_QUALITY
    return at, np.frombuffer(found.bits, np.uint8)[None] if usable else _NO_HASH
