"""Draws the findings of one clip along its time, as numbers for an SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perisai.screening.result import ScreenResult

WIDTH, HEIGHT = 1000.0, 60.0
MOST_TICKS = 400
"""More than this could not be told apart on a screen; the strongest of neighbours is kept."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A look (height = score) or a match (full height) at a place along the time."""

    x: float
    height: float
    kind: str
    text: str


class Timeline:
    """Marks for every distinct frame and every finding; ``seconds`` is the clip's length."""

    width, height = WIDTH, HEIGHT

    def __init__(self, result: ScreenResult) -> None:
        assert result.media is not None  # noqa: S101 - callers draw only what was decoded
        last = max((look.time_ms for look in result.looked_at), default=0)
        self.span = max(result.media.duration_ms, last + 1, 1)
        self.seconds = self.span / 1000
        matched = {f.frame for f in result.findings if f.source.value == "hash"}
        judged = {f.frame for f in result.findings if f.source.value == "model"}
        marks = [
            self._mark(look.frame, look.time_ms, look.score, _kind(look.frame, matched, judged))
            for look in result.looked_at
        ]
        # A match may be on a frame that shares another one's look.
        marks += [
            self._mark(f.frame, f.time_ms, f.score, "match")
            for f in result.findings
            if f.source.value == "hash" and f.frame is not None and f.time_ms is not None
        ]
        slots: dict[int, Mark] = {}
        for mark in marks:
            slot = int(mark.x * MOST_TICKS / WIDTH)
            if slot not in slots or _rank(mark) > _rank(slots[slot]):
                slots[slot] = mark
        self.marks = [slots[slot] for slot in sorted(slots)]
        self.step = max(2.0, min(12.0, 0.7 * WIDTH / max(len(result.looked_at), 1)))

    def _mark(self, frame: int, time_ms: int, score: float, kind: str) -> Mark:
        height = HEIGHT if kind == "match" else max(3.0, score * HEIGHT)
        text = f"{frame}: {time_ms / 1000:.2f} s, {score:.2f}"
        return Mark(round(WIDTH * time_ms / self.span, 1), round(height, 1), kind, text)


def _kind(frame: int, matched: set[int | None], judged: set[int | None]) -> str:
    if frame in matched:
        return "match"
    return "model" if frame in judged else "clean"


def _rank(mark: Mark) -> tuple[int, float]:
    return ("clean", "model", "match").index(mark.kind), mark.height
