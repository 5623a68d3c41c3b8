"""The store for code that must not wait: reads in a few threads, writes through one.

Writes that come while the disk is busy are carried out together, as one durable step: a hundred
verdicts cost little more than one. Whoever awaits a write knows, when it returns, that it is kept.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from queue import Empty, SimpleQueue
from threading import Barrier, Lock, Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from perisai.errors import StorageError
from perisai.storage.checks import checked
from perisai.storage.ports import Counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date, datetime

    from perisai.storage.ports import Store
    from perisai.storage.records import (
        ApiKey,
        Approval,
        CatalogueEntry,
        Delivery,
        ItemReport,
        Linked,
        Made,
        Opinion,
        Outcome,
        Screened,
        Upload,
    )

Given = ParamSpec("Given")
Result = TypeVar("Result")

MOST_TOGETHER = 256
"""Writes in one durable step: none waits long for the others, and a step that fails harms few."""
COUNTS_EVERY = 1.0
"""Seconds for which counts may wait in memory."""


class AsyncStore:
    """The calls of a Store to await. See ``ports.Store`` for what each means.

    A write that was begun is carried out even if whoever awaits it gives up. Counts are gathered
    in memory and written within about a second. After :meth:`close` nothing is left in memory.
    """

    def __init__(self, store: Store, readers: int = 4) -> None:
        self.store = store
        self._readers = readers
        self._closing = Lock()
        self._closed = False
        self._pool = ThreadPoolExecutor(readers, thread_name_prefix="store-read")
        self._writer = _Writer(store)

    async def generation(self) -> int:
        """See ports.Store."""
        return await self._read(self.store.generation)

    async def keep(self, screened: Sequence[Screened]) -> None:
        """See ports.Store."""
        await self._write(self.store.keep, screened)

    async def screened(self, sha256s: Collection[str], basis: str) -> dict[str, Screened]:
        """See ports.Store."""
        return await self._read(self.store.screened, sha256s, basis)

    async def unscreened(self, sha256s: Collection[str], basis: str) -> frozenset[str]:
        """See ports.Store."""
        return await self._read(self.store.unscreened, sha256s, basis)

    async def add_opinion(self, opinion: Opinion) -> int:
        """See ports.Store."""
        return await self._write(self.store.add_opinion, opinion)

    async def opinions(self, sha256s: Collection[str]) -> dict[str, tuple[Opinion, ...]]:
        """See ports.Store."""
        return await self._read(self.store.opinions, sha256s)

    async def approve(self, approval: Approval) -> int:
        """See ports.Store."""
        return await self._write(self.store.approve, approval)

    async def approvals(
        self, upstream: str, keys: Collection[str]
    ) -> dict[tuple[str, str], Approval]:
        """See ports.Store."""
        return await self._read(self.store.approvals, upstream, keys)

    async def all_approvals(self) -> tuple[Approval, ...]:
        """See ports.Store."""
        return await self._read(lambda: tuple(self.store.all_approvals()))

    async def link(self, links: Sequence[Linked]) -> None:
        """See ports.Store."""
        await self._write(self.store.link, links)

    async def links(self, upstream: str, items: Collection[str]) -> dict[str, dict[str, Linked]]:
        """See ports.Store."""
        return await self._read(self.store.links, upstream, items)

    async def holders(self, sha256: str) -> tuple[Linked, ...]:
        """See ports.Store."""
        return await self._read(self.store.holders, sha256)

    async def add_made(self, made: Sequence[Made]) -> None:
        """See ports.Store."""
        await self._write(self.store.add_made, made)

    async def kin(self, sha256s: Collection[str]) -> tuple[Made, ...]:
        """See ports.Store."""
        return await self._read(self.store.kin, sha256s)

    async def add_key(self, key: ApiKey) -> None:
        """See ports.Store."""
        await self._write(self.store.add_key, key)

    async def revoke_key(self, name: str, at: datetime) -> None:
        """See ports.Store."""
        await self._write(self.store.revoke_key, name, at)

    async def keys(self) -> tuple[ApiKey, ...]:
        """See ports.Store."""
        return await self._read(self.store.keys)

    async def add_report(self, report: ItemReport) -> int:
        """See ports.Store."""
        return await self._write(self.store.add_report, report)

    async def reports(
        self, since: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, ItemReport], ...]:
        """See ports.Store."""
        return await self._read(self.store.reports, since, limit)

    async def add_upload(self, upload: Upload) -> Upload:
        """See ports.Store."""
        return await self._write(self.store.add_upload, upload)

    async def upload(self, client: str, number: str) -> Upload | None:
        """See ports.Uploads."""
        return await self._read(self.store.upload, client, number)

    async def open_uploads(self, since: datetime, limit: int = 1000) -> tuple[Upload, ...]:
        """See ports.Uploads."""
        return await self._read(self.store.open_uploads, since, limit)

    async def add_outcome(self, outcome: Outcome) -> None:
        """See ports.Uploads."""
        await self._write(self.store.add_outcome, outcome)

    async def outcome(self, number: str) -> Outcome | None:
        """See ports.Uploads."""
        return await self._read(self.store.outcome, number)

    async def untold(
        self, since: datetime, limit: int = 1000
    ) -> tuple[tuple[Upload, Outcome], ...]:
        """See ports.Uploads."""
        return await self._read(self.store.untold, since, limit)

    async def add_delivery(self, delivery: Delivery) -> None:
        """See ports.Uploads."""
        await self._write(self.store.add_delivery, delivery)

    async def forget_uploads(self, before: datetime) -> int:
        """See ports.Uploads."""
        return await self._write(self.store.forget_uploads, before)

    def count(self, day: date, name: str, labels: Mapping[str, str], n: int = 1) -> None:
        """Add to what was counted; returns at once and is written within about a second."""
        self._writer.count(day, name, labels, n)

    async def counts(self, name: str, since: date) -> tuple[Counted, ...]:
        """See ports.Store; what was counted in the last second may be missing."""
        return await self._read(self.store.counts, name, since)

    async def add_entries(self, entries: Sequence[CatalogueEntry]) -> None:
        """See ports.Store."""
        await self._write(self.store.add_entries, entries)

    async def entries(self, after: str = "", limit: int = 1000) -> tuple[CatalogueEntry, ...]:
        """See ports.Store."""
        return await self._read(self.store.entries, after, limit)

    async def entry(self, ids: Collection[str]) -> dict[str, CatalogueEntry]:
        """See ports.Store."""
        return await self._read(self.store.entry, ids)

    async def remove_entries(self, ids: Collection[str], at: datetime) -> int:
        """See ports.Store."""
        return await self._write(self.store.remove_entries, ids, at)

    async def entry_changes(
        self, since: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, CatalogueEntry], ...]:
        """See ports.Store."""
        return await self._read(self.store.entry_changes, since, limit)

    async def close(self) -> None:
        """Finish every write that was begun, then close the store. May be called again.

        Raises StorageError, after closing, if the last counts could not be written.
        """
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._writer.close()
            self._release_readers()
            self._pool.shutdown()
            self.store.close()
        if self._writer.lost:
            raise StorageError("the counts of the last seconds could not be written") from (
                self._writer.lost
            )

    def _release_readers(self) -> None:
        """Let each thread that reads close its own connection: nobody else may."""
        all_here = Barrier(self._readers)

        def leave() -> None:
            all_here.wait()  # no thread leaves twice
            self.store.release()

        wait([self._pool.submit(leave) for _ in range(self._readers)])

    async def _read(
        self, call: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, partial(call, *args, **kwargs))
        except RuntimeError as error:
            if self._writer.closed:
                raise StorageError("the store is closed") from error
            raise

    async def _write(
        self, call: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        future = self._writer.submit(partial(call, *args, **kwargs))
        return cast("Result", await asyncio.wrap_future(future))


class _Job:
    """One write and where its result goes."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call
        self.future: Future[object] = Future()
        # From here on cancelling has no effect: who gives up does not undo what was begun.
        self.future.set_running_or_notify_cancel()


class _Writer:
    """One thread that carries out all writes, several in one step."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = Lock()
        self._counted: Counter[tuple[date, str, tuple[tuple[str, str], ...]]] = Counter()
        self._counts_due = 0.0
        self.closed = False
        self.lost: Exception | None = None
        """Why the last counts could not be written, if they could not."""
        # A daemon, so that a program that forgot to close can end; close() waits for it.
        self._thread = Thread(target=self._run, name="store-write", daemon=True)
        self._thread.start()

    def submit(self, call: Callable[[], object]) -> Future[object]:
        """Take a write; the future has its result once it is durable."""
        job = _Job(call)
        with self._lock:
            if self.closed:
                raise StorageError("the store is closed")
            self._queue.put(job)
        return job.future

    def count(self, day: date, name: str, labels: Mapping[str, str], n: int) -> None:
        """Add to a count in memory."""
        key = (day, name, tuple(sorted(labels.items())))
        if key not in self._counted or not 0 <= n < 2**31:
            # A bad one would keep all others from being written.
            checked(Counted(day, name, labels, n))
        with self._lock:
            if self.closed:
                raise StorageError("the store is closed")
            self._counted[key] += n

    def close(self) -> None:
        """Take no more writes, and wait until those that were taken are done."""
        with self._lock:
            if not self.closed:
                self.closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            jobs, ended = self._next()
            if jobs:
                self._carry_out(jobs)
            if ended or time.monotonic() >= self._counts_due:
                self._write_counts()
        self._store.release()

    def _next(self) -> tuple[list[_Job], bool]:
        """The writes that wait, after at most a second; and whether they are the last ones."""
        jobs: list[_Job] = []
        try:
            job = self._queue.get(timeout=COUNTS_EVERY)
            while job is not None:
                jobs.append(job)
                if len(jobs) == MOST_TOGETHER:
                    return jobs, False
                job = self._queue.get_nowait()
        except Empty:
            return jobs, False
        return jobs, True

    def _carry_out(self, jobs: Sequence[_Job]) -> None:
        try:
            done = self._store.together([job.call for job in jobs])
        except BaseException as reason:  # noqa: BLE001 - whoever awaits it gets it
            for job in jobs:
                job.future.set_exception(reason)
            return
        for job, (result, error) in zip(jobs, done, strict=True):
            if error is None:
                job.future.set_result(result)
            else:
                job.future.set_exception(error)

    def _write_counts(self) -> None:
        self._counts_due = time.monotonic() + COUNTS_EVERY
        with self._lock:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            self._store.add_counts(
                [Counted(day, name, dict(labels), n) for (day, name, labels), n in counted.items()]
            )
        except Exception as error:  # noqa: BLE001 - the thread that writes must outlive everything
            self.lost = error
            with self._lock:  # the database is away for a moment: they are tried again
                self._counted.update(counted)
        else:
            self.lost = None
