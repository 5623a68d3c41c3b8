"""What a person sees on the terminal while files are screened."""

from __future__ import annotations

import sys
from collections import Counter
from time import perf_counter
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from perisai.screening.names import printable
from perisai.terms import AgeBand, Decision, Label

if TYPE_CHECKING:
    from types import TracebackType

    from perisai.screening import MediaFacts, ScreenResult

MARKS = {
    Decision.ALLOW: ("green", "✓"),
    Decision.REVIEW: ("yellow", "?"),
    Decision.WITHHOLD: ("red", "✗"),
    Decision.UNSCREENABLE: ("magenta", "!"),
    Decision.BLOCK: ("bold red", "■"),
}


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} files/s", style="dim")


class Display:
    """A line for each file, a progress bar with rate and time left, and a summary at the end.

    With ``as_json`` the lines go (the JSON is on standard output) and only the bar and the summary
    are left, on standard error and only if that is a terminal.
    """

    def __init__(self, band: AgeBand, *, total: int, as_json: bool) -> None:
        self.band = band
        self.counts: Counter[Decision] = Counter()
        self._as_json = as_json
        self._console = Console(file=sys.stderr if as_json else sys.stdout, highlight=False)
        self._looks = self._frames = 0
        self._residual = 0.0
        self._refer: str | None = None
        self._progress = Progress(
            TextColumn("Screening"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("screening", total=total)
        self._begin = perf_counter()

    @property
    def withheld(self) -> int:
        """Files that the age band does not get."""
        return self.counts.total() - self.counts[Decision.ALLOW]

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
        if kind is None:
            self._summary()

    def note(self, text: str) -> None:
        """Print one more line for people."""
        if not self._as_json or self._console.is_terminal:
            self._console.print(text, markup=False, soft_wrap=True)

    def take(self, result: ScreenResult) -> None:
        """Count a result and print its line."""
        decision = result.decision(self.band)
        self.counts[decision] += 1
        self._refer = self._refer or result.verdict.refer
        self._frames += result.coverage.frames
        self._looks += result.coverage.classified
        self._residual = max(self._residual, result.coverage.max_residual)
        if not self._as_json:
            style, mark = MARKS[decision]
            self._console.print(
                f"[{style}]{mark} {decision.value:<12}[/] {escape(printable(result.path))}"
                f"  [dim]{escape(_why(result, decision))}[/]",
                soft_wrap=True,
            )
        self._progress.advance(self._task)

    def _summary(self) -> None:
        if self._as_json and not self._console.is_terminal:
            return
        seconds = max(perf_counter() - self._begin, 1e-9)
        parts = [f"{n} {d.value}" for d in Decision if (n := self.counts[d])]
        total = self.counts.total()
        self._console.print(
            f"\n[bold]{total} file{'' if total == 1 else 's'}[/] for age band {self.band.value}: "
            f"{', '.join(parts) or 'nothing'}.\n"
            f"[dim]{self._coverage()}; {seconds:.1f} s, {total / seconds:.1f} files/s.[/]",
            soft_wrap=True,
        )
        if self._refer:
            self._console.print(f"\n[bold]On a child abuse list:[/] {escape(self._refer)}")

    def _coverage(self) -> str:
        if not self._frames:
            return "nothing was looked at"
        if self._looks == self._frames:
            return f"{self._frames} displayed pictures, each looked at"
        return (
            f"{self._frames} displayed pictures, {self._looks} looked at, the others nearly "
            f"the same as one of these (at most {self._residual:.1f} of 255 apart in any tile)"
        )


def _facts(media: MediaFacts) -> str:
    frames = "1 frame" if media.frames == 1 else f"{media.frames} frames"
    parts = [f"{media.type} {media.width}x{media.height}, {frames}"]
    parts += ["the file ends too early"] if media.truncated else []
    return "; ".join([*parts, *media.carries])


def _why(result: ScreenResult, decision: Decision) -> str:
    if result.error:
        return result.error.message
    if result.sealed:
        return "on a child abuse list: see below"
    media = result.media
    facts = _facts(media) if media else ""
    if decision is Decision.ALLOW:
        return facts
    worst = [f for f in result.findings if f.label is not Label.ABUSE]
    if not worst:
        return facts
    # The best evidence first: a list before a model, a higher score before a lower one.
    best = max(worst, key=lambda f: (f.source.value == "hash", f.score))
    where = (
        "" if best.frame is None else f" at frame {best.frame} ({(best.time_ms or 0) / 1000:.2f} s)"
    )
    score = "" if best.source.value == "hash" else f" {best.score:.2f}"
    more = len(worst) - 1
    return f"{best.label.value}{score}{where} by {best.by}" + (f", and {more} more" if more else "")
