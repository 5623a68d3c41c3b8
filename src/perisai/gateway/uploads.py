"""Reads one uploaded file from a request, never more than is allowed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

NAME_LENGTH = 200
READ_SECONDS = 60.0
"""A sender who takes longer only holds memory: it is told to try again."""


class BadUpload(Exception):  # noqa: N818  (named for what happened, as perisai.errors)
    """The request itself is wrong: HTTP status, a stable code, and what to do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class Upload:
    """The bytes, and the name that the sender gave them (only to be repeated, never opened)."""

    data: bytes
    name: str


async def read_upload(request: Request, limit: int, seconds: float = READ_SECONDS) -> Upload:
    """Return the uploaded file: the field ``file`` of a form, or else the whole body.

    Raises BadUpload if there is none, if it is over ``limit`` bytes (reading stops there), or if it
    is not there after so many ``seconds``.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, limit)
    except TimeoutError:
        raise BadUpload(
            408, "too_slow", f"The file did not arrive within {seconds:g} seconds; send it again."
        ) from None


async def _read(request: Request, limit: int) -> Upload:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = _bounded(request.stream(), limit)
    if kind == "multipart/form-data":
        upload = await _from_form(request, body)
    elif (
        kind == "application/x-www-form-urlencoded" and "content-disposition" not in request.headers
    ):
        # What `curl -d @file` sends: curl has already taken line breaks out of the bytes.
        raise BadUpload(
            415, "form_encoded", "Send the bytes as they are: curl --data-binary @clip.gif …"
        )
    else:
        upload = Upload(b"".join([chunk async for chunk in body]), "<upload>")
    if not upload.data:
        raise BadUpload(400, "empty", "The request holds no file; send it as the body.")
    return upload


async def _from_form(request: Request, body: AsyncGenerator[bytes, None]) -> Upload:
    try:
        parser = MultiPartParser(request.headers, body, max_files=1, max_fields=10)
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise BadUpload(400, "bad_form", f"The form cannot be read: {error}.") from error
    try:
        field = form.get("file")
        if not isinstance(field, UploadFile):
            raise BadUpload(400, "empty", "The form needs the file in a field named 'file'.")
        name = "".join(c for c in field.filename or "" if c.isprintable())[:NAME_LENGTH]
        return Upload(await field.read(), name or "<upload>")
    finally:
        await form.close()


async def _bounded(stream: AsyncGenerator[bytes, None], limit: int) -> AsyncGenerator[bytes, None]:
    count = 0
    try:
        async for chunk in stream:
            count += len(chunk)
            if count > limit:
                raise _too_large(limit)
            yield chunk
    except ClientDisconnect:  # nobody is left to answer, and nothing is wrong here
        raise BadUpload(400, "incomplete", "The request ended before its body did.") from None


def _too_large(limit: int) -> BadUpload:
    return BadUpload(413, "too_large", f"The request is over {limit:,} bytes, the limit.")
