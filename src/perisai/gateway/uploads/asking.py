"""What a request to the upload check asks for, beside the file itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.gateway.uploads.wrong import BadUpload
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from perisai.gateway.clients import Client

KEY_PARAMETERS = ("key", "api_key")
LONGEST_IDEMPOTENCY = 255
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_WAIT = re.compile(r"wait\s*=\s*\"?([0-9]{1,6})\"?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, for which age band, and for how many seconds they wait."""

    client: Client
    band: AgeBand
    wait: float
    idempotency: str
    patient: bool
    """Whether they asked to be told later: nobody stands and waits."""


def key_of(request: Request) -> str | None:
    """The key in the address, if there is one; the header is read by who knows the keys."""
    return next(
        (value for name in KEY_PARAMETERS if (value := request.query_params.get(name))), None
    )


def read_ask(
    request: Request,
    client: Client,
    fields: Mapping[str, str],
    *,
    longest_wait: float,
    stranger_band: AgeBand,
) -> Ask:
    """Read every parameter. ``fields`` came with the file. Raises BadUpload.

    The band is the one that is named, else that of the client, which a signed header may have set:
    an upload check judges and shows nothing, so any band may be asked for.
    """
    band = _band(_once(request, fields, "age_band"))
    if band is None:
        band = stranger_band if client.anonymous else client.band
    later, wait = _prefer(request)
    wait_ms = _once(request, fields, "wait_ms")
    if wait_ms is not None:
        if not _NUMBER.fullmatch(wait_ms):
            raise BadUpload(
                400, "bad_wait_ms", "wait_ms must be a whole number of milliseconds, 0 or more."
            )
        wait = int(wait_ms) / 1000
    idempotency = _idempotency(request)
    if client.anonymous:
        if idempotency:
            raise BadUpload(
                401,
                "key_needed",
                "An Idempotency-Key needs an API key beside it: without one, nobody can be told "
                "from anybody else.",
            )
        later, wait = False, None  # nobody could be told later
    if wait is None:
        wait = 0.0 if later else longest_wait
    return Ask(client, band, min(wait, longest_wait), idempotency, later or not wait)


def _once(request: Request, fields: Mapping[str, str], name: str) -> str | None:
    """The one value of a parameter, wherever it stands; None without."""
    values = {*request.query_params.getlist(name), *([fields[name]] if name in fields else [])}
    if len(values) > 1:
        raise BadUpload(400, f"bad_{name}", f"{name} is given twice, with different values.")
    return values.pop() if values else None


def _band(text: str | None) -> AgeBand | None:
    if text is None:
        return None
    try:
        return AgeBand(text)
    except ValueError:
        bands = ", ".join(AgeBand)
        raise BadUpload(400, "bad_age_band", f"age_band must be one of {bands}.") from None


def _prefer(request: Request) -> tuple[bool, float | None]:
    """What the header ``Prefer`` (RFC 7240) says; what it does not understand it passes over."""
    later, wait = False, None
    for part in ",".join(request.headers.getlist("prefer")).split(","):
        word = part.partition(";")[0].strip().lower()
        if word == "respond-async":
            later = True
        elif match := _WAIT.fullmatch(word):
            wait = float(match[1])
    return later, wait


def _idempotency(request: Request) -> str:
    values = request.headers.getlist("idempotency-key")
    if not values:
        return ""
    text = values[0]
    printable = all(" " <= character <= "~" for character in text)
    if len(values) > 1 or not printable or not 1 <= len(text) <= LONGEST_IDEMPOTENCY:
        raise BadUpload(
            400,
            "bad_idempotency_key",
            f"Idempotency-Key must stand once, with 1 to {LONGEST_IDEMPOTENCY} printable ASCII "
            "characters.",
        )
    return text
