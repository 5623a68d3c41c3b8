"""Screening in this process: what the service does, and what everybody does without one."""

from __future__ import annotations

import asyncio
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Self

from perisai import settings as settings_package
from perisai.errors import MatchingError, ServiceError
from perisai.screening.service import basis as basis_module
from perisai.screening.service.port import Looked
from perisai.screening.service.turns import Turns
from perisai.terms import Label

if TYPE_CHECKING:
    from perisai.screening.result import ScreenResult
    from perisai.settings import Settings

POLL_SECONDS = 1.0
"""The lists are asked at most this often whether they changed."""


class Local:
    """A screener behind the :class:`~perisai.screening.service.port.Screening` port.

    Everything comes from ``settings``. Loading the models takes a moment: make it before the event
    loop runs, or with :func:`asyncio.to_thread`. Raises SettingsError, PolicyError, ListError or
    ModelError at once when a choice is wrong. For one event loop.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or settings_package.load()
        self.lanes = lanes = self.settings.screening.jobs or os.cpu_count() or 1
        """Files that are looked at at a time."""
        # One worker more than lanes: see Turns.
        self.screener, self._fixed = basis_module.open_screener(self.settings, lanes + 1)
        self._checked = monotonic()
        self._checking: asyncio.Task[None] | None = None
        self._pool = ThreadPoolExecutor(lanes + 1, thread_name_prefix="perisai-look")
        self._side = ThreadPoolExecutor(1, thread_name_prefix="perisai-basis")
        self.turns = Turns(lanes, self.settings.service.queue)
        self._closed = False

    async def basis(self) -> str:
        """See the port. Raises ListError if the lists cannot be read, ServiceError when closed."""
        self._check_open()
        if self._checking is None and monotonic() - self._checked >= POLL_SECONDS:
            self._checking = asyncio.create_task(self._check())
        if self._checking is not None:
            await asyncio.shield(self._checking)
            self._check_open()
        return self._basis()

    async def screen(self, data: bytes, name: str = "", *, urgent: bool = False) -> Looked:
        """See the port."""
        return (await self.look(data, name, urgent=urgent))[0]

    async def look(
        self, data: bytes, name: str = "", *, urgent: bool = False
    ) -> tuple[Looked, ScreenResult]:
        """See the port."""
        self._check_open()
        since = await self.turns.take(urgent=urgent)
        loop = asyncio.get_running_loop()
        try:
            running = loop.run_in_executor(self._pool, self._look, data, name)
        except BaseException:
            self.turns.give_back(since)
            raise
        # A thread cannot be stopped: its lane is free when it has finished, whoever still waits.
        running.add_done_callback(lambda _: self.turns.give_back(since))
        return await asyncio.shield(running)

    async def close(self) -> None:
        """Turn away who waits, finish what runs, and let go of workers and models."""
        self.turns.close()
        if self._closed:
            return
        self._closed = True
        await self.turns.idle()
        await asyncio.to_thread(self._close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    def _close(self) -> None:
        self._pool.shutdown()
        self._side.shutdown()
        self.screener.close()

    def _look(self, data: bytes, name: str) -> tuple[Looked, ScreenResult]:
        with suppress(MatchingError):  # the screener meets it again, and its answer is that error
            self.screener.matcher.refresh()
        # Taken before: lists that change meanwhile are newer than what is written down.
        basis = self._basis()
        result = self.screener.screen(data, name=name or None)
        covered = frozenset(Label).difference(result.verdict.not_covered)
        looked = Looked.of(result, basis, covered, len(data))
        if not looked.sha256:  # refused before it was read
            looked = replace(looked, sha256=hashlib.sha256(data).hexdigest())
        return looked, result

    def _basis(self) -> str:
        return basis_module.with_lists(self._fixed, self.screener.matcher.mark)

    async def _check(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._side, self.screener.matcher.refresh)
            self._checked = monotonic()
        finally:
            self._checking = None

    def _check_open(self) -> None:
        if self._closed:
            raise ServiceError("This screening was closed; make a new one.")
