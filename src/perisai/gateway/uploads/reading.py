"""Reads one uploaded file, or the address of one, from a request; never more than is allowed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from perisai.gateway.uploads.wrong import BadUpload

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.requests import Request

    from perisai.gateway.uploads.room import Share

NAME_LENGTH = 200
UNNAMED = "<upload>"
LONGEST_JSON = 64 * 1024
JSON_FIELDS = ("age_band", "wait_ms")
READ_SECONDS = 60.0
"""A sender who takes longer only holds memory: it is told to try again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: bytes, or the ``url`` of some.

    ``name`` is the one that the sender gave them, only to be repeated, never opened. ``fields`` are
    parameters that came along in a form or in JSON.
    """

    data: bytes
    name: str = UNNAMED
    url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


async def read_upload(
    request: Request, limit: int, seconds: float = READ_SECONDS, share: Share | None = None
) -> Sent:
    """Return the uploaded file: the field ``file`` of a form, or else the whole body.

    A body of JSON names the file's address instead. ``share`` is where the bytes are counted.
    Raises BadUpload if there is none, if it is over ``limit`` bytes (reading stops there), if there
    is no room, or if it is not there after so many ``seconds``.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, limit, share)
    except TimeoutError:
        raise BadUpload(
            408, "too_slow", f"The file did not arrive within {seconds:g} seconds; send it again."
        ) from None


async def _read(request: Request, limit: int, share: Share | None) -> Sent:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        body = _bounded(request.stream(), min(limit, LONGEST_JSON), share)
        return _from_json(b"".join([chunk async for chunk in body]))
    body = _bounded(request.stream(), limit, share)
    if kind == "multipart/form-data":
        upload = await _from_form(request, body, limit)
    elif (
        kind == "application/x-www-form-urlencoded" and "content-disposition" not in request.headers
    ):
        # What `curl -d @file` sends: curl has already taken line breaks out of the bytes.
        raise BadUpload(
            415,
            "form_encoded",
            "Send the bytes as they are, and say what they are: curl --data-binary @clip.gif "
            "-H 'Content-Type: image/gif' …",
        )
    else:
        upload = Sent(b"".join([chunk async for chunk in body]))
    if not upload.data:
        raise BadUpload(400, "empty", "The request holds no file; send it as the body.")
    return upload


def _from_json(text: bytes) -> Sent:
    """Read ``{"url": …}`` and the parameters beside it."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise BadUpload(
            400, "bad_json", 'The body is no JSON; it needs the form {"url": "https://…"}.'
        ) from None
    url = said.get("url") if isinstance(said, dict) else None
    if not isinstance(url, str) or not url:
        raise BadUpload(400, "bad_json", 'The JSON needs the address of a file under "url".')
    fields = {name: value for name, value in said.items() if name != "url"}
    for name, value in fields.items():
        if name not in JSON_FIELDS:
            known = ", ".join(JSON_FIELDS)
            raise BadUpload(400, "bad_json", f"The JSON holds a name that is none of {known}, url.")
        if type(value) not in (str, int):  # True is an int to isinstance
            raise BadUpload(400, f"bad_{name}", f"{name} must be a text or a whole number.")
    try:
        return Sent(b"", url=url, fields={name: str(value) for name, value in fields.items()})
    except ValueError:  # a number of thousands of digits
        raise BadUpload(400, "bad_json", "The JSON holds a number that is far too large.") from None


async def _from_form(request: Request, body: AsyncGenerator[bytes, None], limit: int) -> Sent:
    try:
        parser = MultiPartParser(request.headers, body, max_files=1, max_fields=10)
        parser.spool_max_size = limit + 1  # in memory only: uploads are never written to a disk
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise BadUpload(400, "bad_form", f"The form cannot be read: {error}.") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadUpload(400, "empty", "The form needs the file in a field named 'file'.")
        name = "".join(c for c in file.filename or "" if c.isprintable())[:NAME_LENGTH]
        fields = {key: value for key, value in form.multi_items() if isinstance(value, str)}
        return Sent(await file.read(), name or UNNAMED, fields=fields)
    finally:
        await form.close()


async def _bounded(
    stream: AsyncGenerator[bytes, None], limit: int, share: Share | None
) -> AsyncGenerator[bytes, None]:
    count = 0
    try:
        async for chunk in stream:
            count += len(chunk)
            if count > limit:
                raise _too_large(limit)
            if share is not None:
                share.grow(len(chunk))
            yield chunk
    except ClientDisconnect:  # nobody is left to answer, and nothing is wrong here
        raise BadUpload(400, "incomplete", "The request ended before its body did.") from None


def _too_large(limit: int) -> BadUpload:
    return BadUpload(413, "too_large", f"The request is over {limit:,} bytes, the limit.")
