"""Is this moving picture a listed one? How much of the listed clip is there, and in what order.

The measure is taken of the *listed* clip: what share of it the query shows. So it does not help to
put clean frames before, behind or between, to start with a harmless picture, or to play it several
times. Playing it faster or leaving frames out helps little, since a found picture also speaks for
the moments next to it. Reordering is visible, but needs not be asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perisai.errors import ListError
from perisai.matching.pdq import BYTES, RADIUS, distances

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

HELD = 8
"""A frame at most this many bits from the one that began a run is still the same picture, held."""
REACH_MS = 200
"""A found picture also speaks for this long before and after it."""
MAX_RUNS = 20_000
"""Bounds the memory of a comparison: a query has at most as many pictures as media limits allow."""

_VERSION = 1
_BLOCK = 1 << 22  # distances worked out at once: bounds memory


@dataclass(frozen=True, slots=True)
class Run:
    """One picture and how long it is shown.

    ``hashes`` has the shape (n, 32): all forms in which the picture is looked up, or stored. The
    first is the picture as it is. There are none when the picture is too flat to be hashed.
    """

    hashes: NDArray[np.uint8]
    duration_ms: int

    @property
    def hashable(self) -> bool:
        """Whether anything can be said about this picture."""
        return len(self.hashes) > 0


@dataclass(frozen=True, slots=True)
class ClipSignature:
    """The pictures of a clip in order, held pictures once."""

    runs: tuple[Run, ...]

    @classmethod
    def of(cls, frames: Iterable[tuple[NDArray[np.uint8], int]]) -> ClipSignature:
        """Make one from ``(hashes (n, 32), duration in ms)`` of every displayed frame, in order.

        Hashes of quality under 50 must have been left out, as
        :func:`perisai.matching.variants.query_hashes` does; n is 0 for a flat frame.
        """
        runs: list[Run] = []
        for hashes, duration_ms in frames:
            if runs and _held(runs[-1].hashes, hashes):
                runs[-1] = Run(runs[-1].hashes, runs[-1].duration_ms + max(0, int(duration_ms)))
            else:
                runs.append(Run(hashes, max(0, int(duration_ms))))
        return cls(tuple(runs))

    @property
    def hashable(self) -> bool:
        """False when every picture is flat: then neither a match nor "no match" can be told."""
        return any(run.hashable for run in self.runs)

    def check_listable(self) -> ClipSignature:
        """Return this signature; raises :class:`ListError` when no query could ever match it."""
        if not self.hashable:
            raise ListError(
                "not hashable: every frame of this clip is too flat for a hash, so it cannot be "
                "recognised by its pictures; list the file's SHA-256 instead"
            )
        if len(self.runs) > MAX_RUNS:
            raise ListError(f"a clip of over {MAX_RUNS} pictures cannot be listed; cut it first")
        return self

    def to_json(self) -> str:
        """Text for storage and exchange; raises :class:`ListError` for a clip not to be listed."""
        self.check_listable()
        runs = [
            {"ms": run.duration_ms, "pdq": [line.tobytes().hex() for line in run.hashes]}
            for run in self.runs
        ]
        return json.dumps({"version": _VERSION, "runs": runs}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> ClipSignature:
        """Read :meth:`to_json`'s text; raises :class:`ListError`, saying what is wrong."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ListError(f"not a clip signature: {error}") from error
        if not isinstance(value, dict) or value.get("version") != _VERSION:
            raise ListError(f"not a clip signature of version {_VERSION}")
        runs = value.get("runs")
        if not isinstance(runs, list) or len(runs) > MAX_RUNS:
            raise ListError(f"a clip signature needs a list of at most {MAX_RUNS} 'runs'")
        return cls(tuple(_run(number, run) for number, run in enumerate(runs))).check_listable()


@dataclass(frozen=True, slots=True)
class ClipRule:
    """From when on a clip counts as a listed one.

    ``covered`` and ``in_order`` are shares (0..1) of the listed clip, see :class:`ClipMatch`.
    ``pictures`` is how many different pictures must be found, or all, if the listed clip has fewer:
    one picture in common (a title, a logo) does not make two clips the same.
    """

    covered: float = 0.5
    in_order: float = 0.0
    pictures: int = 2


@dataclass(frozen=True, slots=True)
class ClipMatch:
    """How much of a listed clip a query shows. Flat pictures count neither for nor against.

    ``hashable`` is false when nothing can be said: one of the two has no hashable picture.
    ``pictures`` of the listed clip's ``of_pictures`` were found. ``covered`` is the share of its
    time that these speak for, ``in_order`` the share of its pictures that the query shows in the
    listed clip's order (the longest such sequence).
    """

    hashable: bool
    covered: float = 0.0
    in_order: float = 0.0
    pictures: int = 0
    of_pictures: int = 0

    def matches(self, rule: ClipRule = ClipRule()) -> bool:
        """Whether this is enough to call it the listed clip."""
        return (
            self.pictures >= max(1, min(rule.pictures, self.of_pictures))
            and self.covered >= rule.covered
            and self.in_order >= rule.in_order
        )


def match(
    query: ClipSignature,
    listed: ClipSignature,
    *,
    radius: int = RADIUS,
    reach_ms: int = REACH_MS,
) -> ClipMatch:
    """Compare two clips picture by picture; see :class:`ClipMatch`."""
    if not (query.hashable and listed.hashable):
        return ClipMatch(hashable=False)
    return score(listed, links(query, listed, radius=radius), reach_ms=reach_ms)


def links(
    query: ClipSignature, listed: ClipSignature, *, radius: int = RADIUS
) -> NDArray[np.bool_]:
    """Which pictures show the same: shape (runs of ``listed``, runs of ``query``)."""
    found = np.zeros((len(listed.runs), len(query.runs)), dtype=np.bool_)
    asked, askers = _flat(query)
    stored, owners = _flat(listed)
    if not len(asked) or not len(stored):
        return found
    step = max(1, _BLOCK // len(asked))
    for start in range(0, len(stored), step):
        near = distances(stored[start : start + step], asked) <= radius
        rows, columns = np.nonzero(near)
        found[owners[start + rows], askers[columns]] = True
    return found


def score(
    listed: ClipSignature, found: NDArray[np.bool_], *, reach_ms: int = REACH_MS
) -> ClipMatch:
    """Judge which pictures were found, however that was: ``found`` is as :func:`links` returns it.

    A caller with an index of many clips fills ``found`` from its hits.
    """
    usable = np.array([run.hashable for run in listed.runs], dtype=np.bool_)
    if not usable.any():
        return ClipMatch(hashable=False)
    hit = found.any(axis=1) & usable
    return ClipMatch(
        hashable=True,
        covered=_covered(listed, usable, hit, reach_ms),
        in_order=_longest(found[usable]) / int(usable.sum()),
        pictures=int(hit.sum()),
        of_pictures=int(usable.sum()),
    )


def _covered(
    listed: ClipSignature, usable: NDArray[np.bool_], hit: NDArray[np.bool_], reach_ms: int
) -> float:
    spans = np.array([run.duration_ms for run in listed.runs], dtype=np.float64)
    if not spans[usable].any():  # no times known: every picture weighs the same, alone
        return float(hit.sum() / usable.sum())
    ends = np.cumsum(spans)
    starts = ends - spans
    seen = np.zeros(len(spans))
    reached = -np.inf  # everything up to here has been counted
    for place in np.flatnonzero(hit):
        begin, end = max(starts[place] - reach_ms, reached), ends[place] + reach_ms
        touched = slice(
            int(np.searchsorted(ends, begin, "right")), int(np.searchsorted(starts, end))
        )
        seen[touched] += np.minimum(ends[touched], end) - np.maximum(starts[touched], begin)
        reached = end
    return float(min(1.0, seen[usable].sum() / spans[usable].sum()))


def _longest(found: NDArray[np.bool_]) -> int:
    """The most rows that can be paired with columns that never go back.

    A column may serve several rows in turn: one query picture can stand for several that are alike.
    """
    longest = np.zeros(found.shape[1], dtype=np.int64)
    for row in found:
        longest = np.maximum.accumulate(longest + row)
    return int(longest.max(initial=0))


def _flat(clip: ClipSignature) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """All hashes of a clip in one array (n, 32), and which run each belongs to."""
    counts = [len(run.hashes) for run in clip.runs]
    owners = np.repeat(np.arange(len(clip.runs)), counts)
    if not sum(counts):
        return np.zeros((0, BYTES), dtype=np.uint8), owners
    return np.concatenate([run.hashes for run in clip.runs if run.hashable]), owners


def _held(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> bool:
    if not len(before) or not len(now):
        return len(before) == len(now)
    return int(np.bitwise_count(before[0] ^ now[0]).sum()) <= HELD


def _run(number: int, value: object) -> Run:
    if not isinstance(value, dict) or set(value) != {"ms", "pdq"}:
        raise ListError(f"run {number} of the clip needs exactly 'ms' and 'pdq'")
    duration_ms, hexes = value["ms"], value["pdq"]
    if type(duration_ms) is not int or not 0 <= duration_ms < 2**53:
        raise ListError(f"run {number} of the clip: 'ms' must be a whole number of milliseconds")
    if not isinstance(hexes, list) or not all(_is_hash(text) for text in hexes):
        raise ListError(f"run {number} of the clip: 'pdq' must be a list of 64-digit hashes")
    bits = np.frombuffer(bytes.fromhex("".join(hexes)), dtype=np.uint8)
    return Run(bits.reshape(-1, BYTES), duration_ms)


def _is_hash(text: object) -> bool:
    digits = set("0123456789abcdefABCDEF")
    return isinstance(text, str) and len(text) == 2 * BYTES and set(text) <= digits
