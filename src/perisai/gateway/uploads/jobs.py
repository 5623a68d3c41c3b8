"""Has uploads judged, each in a task that goes on when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perisai.errors import (
    FetchRefused,
    MediaError,
    PerisaiError,
    ServiceBusy,
    ServiceError,
    UpstreamError,
)
from perisai.gateway.stripping import strip
from perisai.gateway.uploads.shadow import counted
from perisai.gateway.uploads.standing import UNSCREENED, rule_of
from perisai.gateway.uploads.wrong import BadUpload
from perisai.storage.records import Outcome, Screened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from perisai.gateway.fetching import Fetcher, Place
    from perisai.gateway.search.verdicts import Known, Verdicts
    from perisai.gateway.uploads.room import Share
    from perisai.screening.result import ScreenResult
    from perisai.screening.service.port import Looked, Screening
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.records import Upload
    from perisai.terms import AgeBand

LONGEST_SECONDS = 15 * 60.0
"""An upload that is not judged by then never will be: it is given up as unscreened."""
FETCHES = 8
CLOSING_SECONDS = 10.0
"""How long what is looked at may go on when the gateway ends."""
_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, the whole result if it was made just now, and the SHA-256 of the bare file."""

    known: Known
    result: ScreenResult | None
    bare: str
    lasting: bool = True


@dataclass(eq=False)
class Job:
    """One upload on its way. ``upload`` is None for a stranger's, of which nothing is kept.

    ``source`` is bytes or where to fetch them; it is let go of as soon as there is a verdict.
    """

    upload: Upload | None
    band: AgeBand
    source: bytes | Place
    name: str
    urgent: bool
    share: Share
    promised: bool = False
    """Whether its sender was told to wait for the webhook, or to come back."""
    recording: bool = False
    """Whether what became of it is being kept: nothing can be promised any more."""
    _task: asyncio.Task[Judged | BadUpload] | None = field(default=None, repr=False)

    @property
    def task(self) -> asyncio.Task[Judged | BadUpload]:
        """What to wait for; it gives a verdict, or why there is none."""
        assert self._task is not None  # noqa: S101 - set by Jobs.start, which makes every job
        return self._task


class Jobs:
    """Everything that is on its way in this process."""

    def __init__(
        self,
        store: AsyncStore,
        screening: Screening,
        verdicts: Verdicts,
        fetcher: Fetcher,
        *,
        max_fetch_bytes: int,
        clock: Callable[[], datetime],
        told: Callable[[Upload, Outcome], None],
        count: Callable[[Mapping[str, str]], None],
    ) -> None:
        """``told`` is called with each outcome that a webhook waits for.

        ``count`` is called with the labels under which an upload is counted.
        """
        self._store = store
        self._screening = screening
        self._verdicts = verdicts
        self._fetcher = fetcher
        self._max_fetch_bytes = max_fetch_bytes
        self._clock = clock
        self._told = told
        self._count = count
        self._fetches = asyncio.Semaphore(FETCHES)
        self._running: set[Job] = set()
        self._by_number: dict[str, Job] = {}
        self._closing = False

    def get(self, number: str) -> Job | None:
        """The job of this upload, while it is on its way."""
        return self._by_number.get(number)

    def start(self, job: Job) -> Job:
        """Begin. Raises BadUpload when the gateway is about to end."""
        if self._closing:
            raise BadUpload(503, "closing", "The gateway is about to end; send it again.", 5)
        job._task = asyncio.create_task(self._run(job))
        self._running.add(job)
        if job.upload:
            self._by_number[job.upload.number] = job
        job.task.add_done_callback(lambda _: self._done(job))
        return job

    async def close(self) -> None:
        """Let what is looked at finish for a moment; the rest is kept as unscreened."""
        self._closing = True
        tasks = [job.task for job in self._running]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, job: Job) -> None:
        self._running.discard(job)
        job.share.leave()
        if job.upload and self._by_number.get(job.upload.number) is job:
            del self._by_number[job.upload.number]
        if not job.task.cancelled() and job.promised:
            job.task.exception()  # nobody waits any more; what it did not keep is found to be lost

    async def _run(self, job: Job) -> Judged | BadUpload:
        try:
            came = await self._judge_in_time(job)
        except asyncio.CancelledError:
            with suppress(PerisaiError):
                await self._record(job, BadUpload(503, "lost", "The gateway ended."))
            raise
        finally:
            job.source = b""
            job.share.leave()
        try:
            await self._record(job, came)
        except PerisaiError as error:
            return BadUpload(503, error.code, "The verdict could not be kept; send it again.", 5)
        return came

    async def _judge_in_time(self, job: Job) -> Judged | BadUpload:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._judge(job)
        except TimeoutError:
            return BadUpload(503, "too_slow", "It took too long; send it again.", 60)
        except FetchRefused as error:
            return BadUpload(422, error.code, str(error))
        except UpstreamError as error:
            return BadUpload(502, "fetch_failed", str(error), 10)
        except ServiceBusy as error:
            wait = max(1, round(error.retry_after))
            return BadUpload(503, "busy", "Too many files wait here already; send it again.", wait)
        except PerisaiError as error:
            return BadUpload(503, error.code, "It cannot be screened now; send it again.", 5)

    async def _judge(self, job: Job) -> Judged:
        data = job.source if isinstance(job.source, bytes) else await self._fetch(job, job.source)
        sha256, bare = await asyncio.to_thread(_digests, data)
        known = (await self._verdicts.known([sha256])).get(sha256)
        result, lasting = None, True
        if known is None:
            looked, result = await self._look(job, data)
            lasting = looked.lasting
            if lasting:
                known = await self._verdicts.record(looked)
            else:
                known = await self._verdicts.judged(Screened.of(looked, self._clock()))
        if bare != sha256:  # what people decided of the gateway's own items, they said of these
            known = await self._verdicts.judged(known.screened, bare)
        return Judged(known, result, bare, lasting)

    async def _fetch(self, job: Job, place: Place) -> bytes:
        async with self._fetches:
            answer = await self._fetcher.get(place, self._max_fetch_bytes)
        if answer.status != 200:
            text = f"{place.host} answers with status {answer.status}."
            raise UpstreamError(text) if answer.status >= 500 else FetchRefused(text)
        if not answer.data:
            raise FetchRefused(f"{place.host} sends nothing.")
        job.share.leave()  # room was kept for the largest; this one takes no more
        job.share.grow(len(answer.data))
        return answer.data

    async def _look(self, job: Job, data: bytes) -> tuple[Looked, ScreenResult]:
        """Have it looked at. Whoever was promised to be told later can wait for better times."""
        while True:
            try:
                return await self._screening.look(data, job.name, urgent=job.urgent)
            except ServiceError as error:
                if not job.promised:
                    raise
                wait = error.retry_after if isinstance(error, ServiceBusy) else 1.0
            await asyncio.sleep(min(max(wait, 0.1), _BUSY_SECONDS))

    async def _record(self, job: Job, came: Judged | BadUpload) -> None:
        """Keep what became of it, and count it; what was not kept is found to be lost."""
        job.recording = True
        shadow = job.upload is not None and job.upload.shadow
        client = job.upload.client if job.upload else ""
        if isinstance(came, BadUpload):
            decision, rule, kind = UNSCREENED, came.code, ""
        else:
            decision, rule = came.known.decision(job.band).value, rule_of(came.known, job.band)
            kind = came.known.screened.type
        if job.upload is not None:
            screened = None if isinstance(came, BadUpload) else came.known.screened
            outcome = Outcome(
                event=new_number(),
                number=job.upload.number,
                sha256=screened.sha256 if screened else "",
                bare="" if isinstance(came, BadUpload) else came.bare,
                basis=screened.basis if screened and _lasting(came) else "",
                decision=decision,
                rule=rule,
                notify=job.promised,
                at=self._clock(),
            )
            await self._store.add_outcome(outcome)
            if job.promised:
                self._told(job.upload, outcome)
        self._count(counted(client, decision, rule, shadow=shadow, band=job.band, kind=kind))


def new_number() -> str:
    """A number that cannot be guessed, for an upload or an event."""
    return secrets.token_urlsafe(16)


def _lasting(came: Judged | BadUpload) -> bool:
    return isinstance(came, Judged) and came.lasting


def _digests(data: bytes) -> tuple[str, str]:
    """SHA-256 of a file, and of the same as the gateway keeps it, without metadata."""
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        return sha256, hashlib.sha256(strip(data)).hexdigest()
    except MediaError:
        return sha256, sha256
