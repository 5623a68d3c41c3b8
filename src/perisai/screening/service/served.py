"""The service for programs without an event loop, such as the command line."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Self

from perisai.errors import MediaError, ServiceBusy, ServiceError
from perisai.media.limits import MediaLimits
from perisai.policy import Policy
from perisai.screening.reading import OneSource, read_source
from perisai.screening.service.client import Client
from perisai.screening.service.place import socket_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from perisai.screening.result import ScreenResult
    from perisai.screening.screener import Screener
    from perisai.settings import Settings


class Served:
    """Screens like a :class:`~perisai.screening.Screener`, by asking the service.

    The results are the same. Files that the service can no longer answer for, because it went away,
    are screened by this process. Use it as a context manager. Raises ServiceError if there is no
    service with these settings.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limits = MediaLimits(**settings.media.model_dump())
        self.policy = Policy.load(settings.screening.policy)
        self._own: Screener | None = None
        self._client = Client(settings)
        self._runner = asyncio.Runner()
        try:
            self._runner.run(self._client.open())
        except BaseException:
            self.close()
            raise

    @classmethod
    def if_running(cls, settings: Settings) -> Self | None:
        """The service, or None if none runs with these settings."""
        if not socket_path(settings).is_socket():
            return None
        try:
            return cls(settings)
        except ServiceError:
            return None

    def screen(self, data: bytes, *, name: str) -> ScreenResult:
        """Screen some bytes; ``name`` stands for them in the result."""
        return next(self._each([(data, name)]))

    def screen_many(self, sources: Iterable[Path]) -> Iterator[ScreenResult]:
        """Screen many files and yield each result as soon as it is there, in no fixed order."""
        yield from self._each((path, os.fspath(path)) for path in sources)

    def close(self) -> None:
        """Close the connections. May be called again."""
        self._runner.run(self._client.close())
        self._runner.close()
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _each(self, sources: Iterable[tuple[OneSource, str]]) -> Iterator[ScreenResult]:
        """Keep the service busy: as many files on their way as it has lanes, and as many again."""
        waiting: dict[asyncio.Task[ScreenResult], tuple[OneSource, str]] = {}
        rest = iter(sources)
        try:
            while True:
                while len(waiting) < 2 * self._client.lanes and (one := next(rest, None)):
                    waiting[self._runner.get_loop().create_task(self._ask(*one))] = one
                if not waiting:
                    return
                for task in self._runner.run(_first(waiting)):
                    source, name = waiting.pop(task)
                    try:
                        result = task.result()
                    except ServiceError:
                        result = self._ours().screen(source, name=name)
                    yield result
        finally:
            for task in waiting:
                task.cancel()

    async def _ask(self, source: OneSource, name: str) -> ScreenResult:
        client = self._client
        try:
            data = await asyncio.to_thread(read_source, source, self.limits)
        except MediaError as error:
            return await client.unread(error, name)
        while True:
            try:
                return (await client.look(data, name))[1]
            except ServiceBusy as busy:
                await asyncio.sleep(busy.retry_after)

    def _ours(self) -> Screener:
        if self._own is None:
            from perisai.screening.screener import Screener  # noqa: PLC0415 - only when needed

            self._own = Screener(self.settings)
        return self._own


async def _first(
    waiting: Iterable[asyncio.Task[ScreenResult]],
) -> set[asyncio.Task[ScreenResult]]:
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    return done
