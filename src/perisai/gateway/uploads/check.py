"""``POST /v1/screen`` takes an upload and gives its verdict; ``GET`` asks for a later one."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from perisai.errors import FetchRefused, PerisaiError
from perisai.gateway.clients import Refused
from perisai.gateway.fetching import Fetcher
from perisai.gateway.search.background import forever
from perisai.gateway.secrets import derived
from perisai.gateway.uploads import answering
from perisai.gateway.uploads.asking import key_of, read_ask
from perisai.gateway.uploads.holders import Holders
from perisai.gateway.uploads.jobs import LONGEST_SECONDS, Job, Jobs, new_number
from perisai.gateway.uploads.reading import UNNAMED, Sent, read_upload
from perisai.gateway.uploads.room import Room
from perisai.gateway.uploads.shadow import counted
from perisai.gateway.uploads.standing import UNSCREENED, Stands, stands
from perisai.gateway.uploads.webhooks import Webhooks
from perisai.gateway.uploads.wrong import BadUpload
from perisai.storage.records import Outcome, Upload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from perisai.gateway.clients import Client, Clients
    from perisai.gateway.fetching import Place as Address
    from perisai.gateway.search.verdicts import Verdicts
    from perisai.gateway.uploads.asking import Ask
    from perisai.gateway.uploads.room import Share
    from perisai.screening.service.port import Screening
    from perisai.settings import Settings
    from perisai.storage.asynchronous import AsyncStore

DIALECT = "screen"
FETCH_SECONDS = 30.0
NOT_YET_SECONDS = 5
"""When a stranger, who cannot be told later, may ask again."""
LEAST_WAIT = 0.05
"""Seconds: what is known already is answered also to those who would not wait."""
TIDY_SECONDS = 30.0
LEFT_SECONDS = 60.0
"""An upload of this process on which nobody works for so long was left behind by a failure."""
_LOOKED_BACK = timedelta(days=2)
_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


class UploadCheck:
    """The upload check, with everything that goes on behind it.

    Add :meth:`routes` to an application, keep :meth:`work` running, and :meth:`close` it before
    screening and store are closed.
    """

    def __init__(
        self,
        store: AsyncStore,
        screening: Screening,
        verdicts: Verdicts,
        clients: Clients,
        secret: bytes,
        settings: Settings,
        *,
        clock: Callable[[], datetime],
        count: Callable[[Mapping[str, str]], None],
        fetcher: Fetcher | None = None,
    ) -> None:
        """``count`` is told the labels under which each upload is counted (``shadow.counted``).

        ``fetcher`` is another one than the settings say, for tests. Raises StorageError.
        """
        chosen = settings.gateway
        self._store = store
        self._verdicts = verdicts
        self._clients = clients
        self._chosen = chosen
        self._stranger_band = settings.screening.age_band
        self._clock = clock
        self._count = count
        self._asked_key = derived(secret, "uploads")
        self._room = Room(chosen.upload_waiting_bytes)
        self._fetcher = fetcher or Fetcher(private=chosen.upload_private, seconds=FETCH_SECONDS)
        self._holders = Holders(settings.home / "uploads")
        self.webhooks = Webhooks(
            store,
            verdicts,
            clients,
            self._fetcher,
            self._holders,
            private=chosen.upload_private,
            clock=clock,
        )
        self._jobs = Jobs(
            store,
            screening,
            verdicts,
            self._fetcher,
            max_fetch_bytes=chosen.max_fetch_bytes,
            clock=clock,
            told=self.webhooks.tell,
            count=count,
        )

    def routes(self) -> list[Route]:
        """Every path that is answered here."""
        return [
            Route("/v1/screen", _told(self.screen), methods=["POST"]),
            Route("/v1/screen/{number}", _told(self.outcome), methods=["GET"]),
        ]

    def work(self) -> list[Coroutine[object, object, None]]:
        """What goes on all the time: telling webhooks, and seeing what was lost."""
        return [
            self.webhooks.deliver(),
            forever(self.find_lost, TIDY_SECONDS),
            forever(self.forget_old, 3600.0),
        ]

    @property
    def held_bytes(self) -> int:
        """Bytes of uploads in memory now."""
        return self._room.held

    async def close(self) -> None:
        """Finish what is looked at, or keep that it was lost; let go of connections."""
        await self._jobs.close()
        await self._fetcher.close()
        self._holders.close()

    # ---- requests

    async def screen(self, request: Request) -> Response:
        """Take one upload; answer with its verdict, or with 202 and where to ask for it."""
        client = await self._clients.identify(request, key_of(request), DIALECT)
        # Once before the bytes come, so that nobody sends them for nothing, and once with them.
        self._read(request, client, Sent(b""))
        share = self._room.share()
        try:
            sent = await read_upload(request, self._chosen.max_upload_bytes, share=share)
            ask = self._read(request, client, sent)
            source: bytes | Address = sent.data
            if sent.url:
                source = self._address(client, sent.url)
                share.leave()
                share.grow(self._chosen.max_fetch_bytes)
            begun = await self._begin(ask, sent, source, share)
        except BaseException:
            share.leave()
            raise
        if not isinstance(begun, Job):
            share.leave()
            return answering.answer(begun)
        return await self._wait(begun, ask, sent)

    async def outcome(self, request: Request) -> Response:
        """Say what became of an upload; only to the client that sent it."""
        client = await self._clients.identify(request, key_of(request), DIALECT)
        number = request.path_params["number"]
        known = not client.anonymous and _NUMBER.fullmatch(number)
        upload = await self._store.upload(client.name, number) if known else None
        if upload is None:
            raise BadUpload(404, "unknown_upload", "There is no such upload of this API key.")
        became = await self._store.outcome(number)
        if self._jobs.get(number) or (became is None and not self._lost(upload)):
            return answering.pending(number)
        if became is None:
            told = answering.summary(
                Stands(UNSCREENED, "lost"), number=number, band=upload.band, sha256="", shadow=False
            )
            return answering.answer(told)
        return answering.answer(await self._standing(client, upload, became, UNNAMED))

    def _read(self, request: Request, client: Client, sent: Sent) -> Ask:
        return read_ask(
            request,
            client,
            sent.fields,
            longest_wait=self._chosen.upload_wait_ms / 1000,
            stranger_band=self._stranger_band,
        )

    def _address(self, client: Client, url: str) -> Address:
        if client.anonymous:
            raise BadUpload(
                401,
                "key_needed",
                "Files are fetched only for those with an API key; send the bytes themselves.",
            )
        try:
            return self._fetcher.check(url)
        except FetchRefused as error:
            raise BadUpload(422, error.code, str(error)) from None

    async def _begin(
        self, ask: Ask, sent: Sent, source: bytes | Address, share: Share
    ) -> Job | dict[str, Any]:
        """Start on an upload, or join whoever did; or give the answer that is there already."""
        client = ask.client
        urgent = not (client.anonymous or ask.patient)  # strangers never delay a child's page
        if client.anonymous:
            job = Job(None, ask.band, source, sent.name, urgent=urgent, share=share)
            return self._jobs.start(job)
        upload = await self._kept(ask, sent)
        fresh = upload.number
        kept = await self._store.add_upload(upload)
        if kept.number != fresh:
            if kept.asked != upload.asked:
                raise BadUpload(
                    422,
                    "idempotency_mismatch",
                    "This Idempotency-Key stood for another file, address or age band; use a new "
                    "key for each upload.",
                )
            if not self._jobs.get(kept.number):
                became = await self._store.outcome(kept.number)
                if became and became.basis:
                    answer = await self._standing(client, kept, became, sent.name)
                    if answer["status"] == "done":
                        return answer
        # What is undecided, or was, is begun anew with the bytes that came now.
        running = self._jobs.get(kept.number)
        if running is not None:
            share.leave()
            return running
        job = Job(kept, ask.band, source, sent.name, urgent=urgent, share=share)
        return self._jobs.start(job)

    async def _kept(self, ask: Ask, sent: Sent) -> Upload:
        sha256 = ""
        if not sent.url:
            sha256 = await asyncio.to_thread(lambda: hashlib.sha256(sent.data).hexdigest())
        said = f"{ask.band} {'url' if sent.url else 'bytes'} {sent.url or sha256}"
        return Upload(
            client=ask.client.name,
            idempotency=ask.idempotency,
            sha256=sha256,
            number=new_number(),
            band=ask.band,
            asked=hmac.new(self._asked_key, said.encode(), "sha256").hexdigest(),
            shadow=ask.client.shadow,
            holder=self._holders.me,
            at=self._clock(),
        )

    async def _wait(self, job: Job, ask: Ask, sent: Sent) -> Response:
        await asyncio.wait({job.task}, timeout=max(ask.wait, LEAST_WAIT))
        upload = job.upload
        if not job.task.done() and upload is None:
            raise BadUpload(
                503,
                "not_yet",
                "It is not screened yet; send it again a little later. With an API key you are "
                "told where to ask instead.",
                NOT_YET_SECONDS,
            )
        if not job.task.done() and upload is not None and not job.recording:
            job.promised = True
            applied = {"Preference-Applied": "respond-async"} if ask.patient else {}
            return answering.pending(upload.number, applied)
        # It is there, or is being kept at this moment.
        await asyncio.wait({job.task})
        if job.task.cancelled():
            raise BadUpload(503, "closing", "The gateway is about to end; send it again.", 5)
        came = job.task.result()
        if isinstance(came, BadUpload):
            raise came
        told = answering.decided(
            came.known,
            came.result,
            number=upload.number if upload else None,
            band=job.band,
            path=sent.name,
            shadow=upload is not None and upload.shadow and ask.client.shadow,
        )
        return answering.answer(told)

    async def _standing(
        self, client: Client, upload: Upload, became: Outcome, path: str
    ) -> dict[str, Any]:
        """What holds now of an upload that was decided before."""
        # A key that is past its trial is not told of a trial's uploads that they are allowed.
        shadow = upload.shadow and client.shadow
        now = await stands(self._verdicts, upload, became)
        number, band = upload.number, upload.band
        if now.known is None:
            return answering.summary(
                now, number=number, band=band, sha256=became.sha256, shadow=shadow
            )
        return answering.decided(
            now.known, None, number=number, band=band, path=path, shadow=shadow
        )

    # ---- what nobody waits for

    def _lost(self, upload: Upload) -> bool:
        """Whether nobody has the bytes of an undecided upload any more."""
        if self._jobs.get(upload.number):
            return False
        age = (self._clock() - upload.at).total_seconds()
        runs = self._holders.runs(upload.holder)
        if upload.holder == self._holders.me:
            return age > LEFT_SECONDS
        if runs is None:  # another machine's, or ended long ago
            return age > LONGEST_SECONDS + LEFT_SECONDS
        return not runs

    async def find_lost(self) -> int:
        """Keep of uploads whose bytes are gone that nobody looked at them; return how many."""
        lost = 0
        for upload in await self._store.open_uploads(self._clock() - _LOOKED_BACK):
            if not self._lost(upload):
                continue
            client = await self._clients.subscriber(upload.client)
            outcome = Outcome(
                event=new_number(),
                number=upload.number,
                sha256=upload.sha256,
                bare=upload.sha256,
                basis="",
                decision=UNSCREENED,
                rule="lost",
                notify=client is not None and bool(client[0].webhook),
                at=self._clock(),
            )
            await self._store.add_outcome(outcome)
            if outcome.notify:
                self.webhooks.tell(upload, outcome)
            shadow, band = upload.shadow, upload.band
            self._count(counted(upload.client, UNSCREENED, "lost", shadow=shadow, band=band))
            lost += 1
        return lost

    async def forget_old(self) -> int:
        """Delete what is kept of uploads for longer than the settings say; return how many."""
        await asyncio.to_thread(self._holders.tidy)
        days = timedelta(days=self._chosen.upload_days)
        return await self._store.forget_uploads(self._clock() - days)


def _told(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Answer what is raised on purpose in the shape of the upload check."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (BadUpload, Refused) as error:
            return answering.error(error.status, error.code, error.message, error.headers)
        except PerisaiError as error:
            message = "It cannot be answered now; send it again."
            return answering.error(503, error.code, message, {"Retry-After": "5"})

    return answered
