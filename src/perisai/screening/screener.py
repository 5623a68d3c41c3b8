"""The pipeline: one file or a million in, a verdict for each age band out."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Self

from perisai import settings as settings_package
from perisai.errors import MediaError, PerisaiError, SettingsError
from perisai.matching.digests import Digests, digest
from perisai.media.limits import MediaLimits
from perisai.media.sandbox import Sandbox, WorkerLimits
from perisai.policy import Policy, seal
from perisai.screening.evidence import Evidence
from perisai.screening.findings import Scores, list_findings
from perisai.screening.options import PrepareOptions
from perisai.screening.reading import OneSource, read_source
from perisai.screening.result import Coverage, Failure, ScreenResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    from perisai.matching.lists import Matcher
    from perisai.models.registry import Model
    from perisai.settings import Settings
    from perisai.terms import Finding

Source = OneSource | bytearray | memoryview
PREPARE = "perisai.screening.prepare:prepare"


class Screener:
    """Screens media. Keeps decoding workers and models ready between calls; safe to share.

    Everything comes from ``settings`` (by default the operator's own file and environment, see
    :func:`perisai.settings.load`); the keyword arguments change single choices: ``policy`` by name
    or path, ``lists`` by name, ``models`` by name, ``jobs`` decoding processes, ``every_frame``
    looks at each displayed frame, ``whole_picture`` always shows the models the border, too, and
    ``stills`` keeps small grey pictures for a report.

    Use it as a context manager, or call :meth:`close`. Raises SettingsError, PolicyError, ListError
    or ModelError at once when a choice is wrong; a *file* never raises: what is bad about it, or
    fails while it is screened, comes back as a result with an ``error``, as ``unscreenable``.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        policy: str | Path | None = None,
        lists: Sequence[str] | None = None,
        models: Sequence[str] | None = None,
        jobs: int | None = None,
        every_frame: bool | None = None,
        whole_picture: bool | None = None,
        stills: bool = False,
    ) -> None:
        self.settings = settings or settings_package.load()
        chosen = self.settings.screening
        self.jobs = jobs or chosen.jobs or os.cpu_count() or 1
        self.policy = Policy.load(policy or chosen.policy)
        worker = self.settings.worker
        self._sandbox = Sandbox(PREPARE, self.jobs, WorkerLimits(**worker.model_dump()))
        # Workers start while this process loads the models: a cold start waits for both at once.
        self._sandbox.start()
        try:
            self.models = self._load_models(chosen.models if models is None else tuple(models))
            self.matcher = self._load_lists(chosen.lists if lists is None else tuple(lists))
        except BaseException:
            self._sandbox.close()
            raise
        always = chosen.whole_picture if whole_picture is None else "always"
        self.options = PrepareOptions(
            limits=MediaLimits(**self.settings.media.model_dump()),
            bound=chosen.bound,
            grid=chosen.grid,
            every_frame=chosen.every_frame if every_frame is None else every_frame,
            whole=chosen.whole_picture if whole_picture is False else always,
            wide_ratio=chosen.wide_ratio,
            inputs=tuple(model.spec.input for model in self.models),
            stills=stills,
        )
        self.limits = self.options.limits
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    def _load_models(self, names: Sequence[str]) -> list[Model]:
        from perisai.models.registry import load_models  # noqa: PLC0415 - pulls in the engine

        chosen = self.settings.screening
        if not names:
            raise SettingsError(
                "screening.models: names no model, so that nobody would look at what is on no "
                "list; name at least one, such as opennsfw"
            )
        return load_models(
            {name: self.settings.models.get(name, {}) for name in names},
            engine=chosen.engine,
            precision=chosen.precision,
            cache_dir=self.settings.home / "cache",
        )

    def _load_lists(self, names: Sequence[str] | None) -> Matcher:
        from perisai.matching.lists import ListStore  # noqa: PLC0415 - pulls in SQLite

        return ListStore(self.settings.home).matcher(names)

    # ---- one file

    def screen(self, source: Source, *, name: str | None = None) -> ScreenResult:
        """Screen one file, given by path or as bytes; ``name`` stands for bytes in the result."""
        begin = perf_counter()
        if isinstance(source, (bytearray, memoryview)):
            source = bytes(source)
        evidence = Evidence(self.options)
        scores = Scores([model.name for model in self.models])
        digests, error = Digests("", "", 0), None
        found: list[Finding] = []
        try:
            self.matcher.refresh()  # a list that was changed meanwhile counts from here on
            evidence.options = replace(self.options, hashes=not self.matcher.empty)
            data = read_source(source, self.options.limits)
            digests = digest(data)
            self._look(data, _name(source, name), evidence, scores)
        except PerisaiError as problem:
            error = problem
        try:
            if digests.sha256:  # also of a file that broke midway: what was seen of it counts
                found = list_findings(evidence, self.matcher, digests)
        except PerisaiError as problem:
            error = error or problem
        found = [*scores.findings(evidence, self.policy.lowest), *found]
        return self._conclude(_label(source, name), digests, evidence, scores, found, error, begin)

    def _look(self, data: bytes, named: str, evidence: Evidence, scores: Scores) -> None:
        payload = evidence.options.to_json() | {"named": named}
        for message in self._sandbox.stream(payload, data):
            for batch in evidence.take(message):
                begin = perf_counter()
                scores.add(batch, self.models[batch.model].look(batch.views, batch.sizes))
                scores.seconds += perf_counter() - begin
        evidence.check_over()

    def _conclude(
        self,
        path: str,
        digests: Digests,
        evidence: Evidence,
        scores: Scores,
        found: list[Finding],
        error: PerisaiError | None,
        begin: float,
    ) -> ScreenResult:
        findings = seal(found)
        covered = self.matcher.labels.union(*(model.labels for model in self.models))
        reviewers = self.settings.policy.reviewers
        verdict = self.policy.judge(findings, covered, _as_media_error(error), reviewers=reviewers)
        sealed = verdict.refer is not None
        return ScreenResult(
            path=path,
            sha256=digests.sha256,
            md5=digests.md5,
            media=evidence.facts,
            verdict=verdict,
            findings=findings,
            scores={} if sealed else scores.highest(),
            coverage=Coverage() if sealed else evidence.coverage(),
            error=None if error is None else Failure(error.code, str(error)),
            elapsed_ms=1e3 * (perf_counter() - begin),
            looked_at=() if sealed else scores.looked_at(evidence),
            stages_ms=evidence.stages_ms | {"model": 1e3 * scores.seconds},
            stills={} if sealed else scores.stills(evidence),
        )

    # ---- many files

    def screen_many(self, sources: Iterable[Source]) -> Iterator[ScreenResult]:
        """Screen many files and yield each result as soon as it is there, in no fixed order.

        ``sources`` is read as it is needed, so it may be endless.
        """
        pool = self._threads()
        waiting: set[Future[ScreenResult]] = set()
        try:
            for source in sources:
                waiting.add(pool.submit(self.screen, source))
                if len(waiting) > 2 * self.jobs:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in waiting:
                future.cancel()

    async def screen_async(self, source: Source, *, name: str | None = None) -> ScreenResult:
        """Screen one file without blocking the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads(), lambda: self.screen(source, name=name))

    def _threads(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="perisai-screen")
            return self._pool

    def close(self) -> None:
        """End the workers and threads. May be called again."""
        self._sandbox.close()
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
                self._pool = None
        self.matcher.close()  # last: a file in progress may still ask it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _as_media_error(error: PerisaiError | None) -> MediaError | None:
    """A model or list that fails on one file leaves that file unscreened; the others go on."""
    return error if error is None or isinstance(error, MediaError) else MediaError(str(error))


def _label(source: OneSource, name: str | None) -> str:
    if name is not None:
        return name
    return "<bytes>" if isinstance(source, bytes) else os.fspath(source)


def _name(source: OneSource, name: str | None) -> str:
    return "" if isinstance(source, bytes) and name is None else Path(_label(source, name)).name
