"""Has a file looked at for a case. Bytes come in, findings go out, and nothing else is kept."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Protocol

from perisai.desk.listing.prints import told
from perisai.errors import MediaError, ServiceBusy, ServiceError
from perisai.screening.fingerprint import Fingerprinter
from perisai.screening.result import finding_json
from perisai.screening.service import connect
from perisai.terms import YOUNGEST

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from concurrent.futures import Future
    from typing import TypeVar

    from perisai.screening.result import ScreenResult
    from perisai.screening.service import Screening
    from perisai.settings import Settings

    T = TypeVar("T")

PATIENCE_SECONDS = 90


class Looking(Protocol):
    """Looks at one file."""

    def look(self, data: bytes, name: str, *, prints: bool = False) -> dict[str, Any]:
        """Return what a sample says (see :func:`sample_of`). Raises ServiceError.

        With ``prints``, also hashes by which the file could be put on a list, as ``prints``.
        """


class ByService:
    """Asks the screening service of this machine, or screens in this process if there is none.

    The service speaks asynchronously and pages do not: it is asked on a thread of its own.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._screening: Screening | None = None
        self._fingerprinter: Fingerprinter | None = None

    def look(self, data: bytes, name: str, *, prints: bool = False) -> dict[str, Any]:
        """Look at every frame. Raises ServiceBusy or ServiceError; a bad file is an answer, too."""
        _, result = self._ask(self._looked(data, name))
        found = sample_of(result)
        if prints and not (result.sealed or result.error):
            found["prints"] = self._prints(data, name)
        return found

    def close(self) -> None:
        """Let go of the service. May be called again."""
        with self._lock:
            loop, self._loop = self._loop, None
            screening, self._screening = self._screening, None
            fingerprinter, self._fingerprinter = self._fingerprinter, None
        if fingerprinter is not None:
            fingerprinter.close()
        if loop is not None:
            if screening is not None:
                asyncio.run_coroutine_threadsafe(screening.close(), loop).result(PATIENCE_SECONDS)
            loop.call_soon_threadsafe(loop.stop)

    def _prints(self, data: bytes, name: str) -> dict[str, Any]:
        """Hashes to list the file by, should people agree to that: only now are its bytes here."""
        with self._lock:
            if self._fingerprinter is None:
                self._fingerprinter = Fingerprinter(self._settings, jobs=1)
            fingerprinter = self._fingerprinter
        try:
            return told(fingerprinter.fingerprint_bytes(data, name))
        except MediaError:
            return {}  # its SHA-256 alone stands for it

    async def _looked(self, data: bytes, name: str) -> tuple[object, ScreenResult]:
        if self._screening is None:
            self._screening = await connect(self._settings)
        return await self._screening.look(data, name)

    def _ask(self, question: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), daemon=True).start()
            asked: Future[T] = asyncio.run_coroutine_threadsafe(question, self._loop)
        try:
            return asked.result(PATIENCE_SECONDS)
        except TimeoutError as error:
            asked.cancel()
            raise ServiceBusy("Looking at the file took too long; try again later.") from error
        except RuntimeError as error:
            raise ServiceError("The screening service stopped; try again.") from error


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


def sample_of(result: ScreenResult) -> dict[str, Any]:
    """Return what is written down of a file: verdicts, rules, findings; never a byte of it.

    ``rule`` is the one that decided for the youngest band. A match with a list of child abuse says
    nothing but that.
    """
    media = result.media
    bands = result.verdict.bands
    sealed = result.sealed
    about = f"{media.type}, {media.width}×{media.height}, {media.frames}" if media else ""  # noqa: RUF001
    return {
        "sha256": result.sha256,
        "decisions": {band.value: verdict.decision.value for band, verdict in bands.items()},
        "rules": {} if sealed else {band.value: verdict.rule for band, verdict in bands.items()},
        "rule": "" if sealed else bands[YOUNGEST].rule,
        "findings": [finding_json(each) for each in result.findings if not sealed]
        or [finding_json(each) for each in result.findings if each.label == "abuse"][:1],
        "media": "" if sealed else about,
        "error": result.error.message if result.error and not sealed else "",
    }
