"""``/api/v1/notices``: complaints by machine, signed; how they stand, for who has the receipt."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from django.db import Error
from django.http import JsonResponse
from pydantic import ValidationError

from perisai.desk.complaints.receipts import DIGITS, Receipt
from perisai.desk.house import key_of
from perisai.desk.intake.notices import MOST_BYTES, Category, Notice
from perisai.desk.intake.signing import Asked, signed_by
from perisai.desk.public.here import here
from perisai.desk.public.openapi import document
from perisai.desk.public.pages import RETRY
from perisai.desk.public.progress import standing
from perisai.desk.public.views.follow import guesses
from perisai.errors import Outdated, PerisaiError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_KEY = re.compile(r"[A-Za-z0-9._~-]{8,80}")


def described(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return JsonResponse(document()) if request.method in ("GET", "HEAD") else _method("GET")


def notices(request: HttpRequest) -> HttpResponse:
    """Take one in, or say how one stands. What goes wrong is a problem (RFC 9457)."""
    try:
        if request.method == "POST":
            return _take(request)
        return _stands(request) if request.method == "GET" else _method("GET, POST")
    except (PerisaiError, Error):
        return problem(503, "Nothing was taken in; send it again in a minute.")


def problem(status: int, detail: str, **headers: str) -> HttpResponse:
    """Say what is wrong."""
    told = {"type": "about:blank", "status": status, "detail": detail}
    return JsonResponse(
        told, status=status, content_type="application/problem+json", headers=headers
    )


def _method(allowed: str) -> HttpResponse:
    return problem(405, f"Only {allowed} is answered here.", Allow=allowed)


def _take(request: HttpRequest) -> HttpResponse:
    site = here()
    body = request.body
    if len(body) > MOST_BYTES:
        return problem(413, f"A notice has at most {MOST_BYTES} bytes.")
    if request.content_type != "application/json":
        return problem(415, "A notice is application/json.")
    asked = Asked("POST", request.build_absolute_uri(), dict(request.headers))
    client = signed_by(asked, body, site.house.people, site.desk.notice_clients)
    if client is None:
        return problem(401, "The signature is missing, wrong, too old, or of no client we know.")
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        return problem(400, "Idempotency-Key needs 8 to 80 letters, digits, or . _ ~ -")
    try:
        notice = Notice.model_validate_json(body)
    except ValidationError as error:
        return problem(422, _wrong(error))
    if wait := site.spend_on(client, "notice", site.desk.complaints_per_hour):
        return problem(429, "Too many in this hour; send it again later.", **{RETRY: str(wait)})
    return _keep(notice, client, key, hashlib.sha256(body).hexdigest())


def _keep(notice: Notice, client: str, key: str, digest: str) -> HttpResponse:
    house, once = here().house, f"notice:{client}:{key}"
    # The same request again gets the same receipt, and nothing of it is kept in clear.
    drawn = int(house.people.blind("notice receipt", once), 16) % 10**DIGITS
    receipt = Receipt(f"{drawn:0{DIGITS}}")
    try:
        house.receive(
            notice.told(),
            source="api",
            reporter=notice.reporter(),
            receipt=receipt,
            child=notice.category is Category.CHILD_ABUSE,
            once=once,
            more={"notice": {"client": client, "digest": house.people.blind("notice", digest)}},
        )
    except Outdated:
        fact = house.log.stream(f"complaint:{key_of(once)}")[0]
        if fact.data["notice"]["digest"] != house.people.blind("notice", digest):
            return problem(409, "Another notice has come under this Idempotency-Key.")
    return JsonResponse({"id": key_of(once), "receipt": receipt.digits}, status=202)


def _stands(request: HttpRequest) -> HttpResponse:
    receipt = Receipt.read(request.headers.get("X-Receipt", ""))
    if receipt is None:
        return problem(400, "X-Receipt needs the 16 digits of the receipt.")
    if wait := guesses(request, receipt):
        return problem(429, "Tried too often; try again later.", **{RETRY: str(wait)})
    house = here().house
    found = house.find(receipt)
    if found is None:
        return problem(404, "There is no notice with this receipt.")
    case = house.case(found.case) if found.case else None
    texts = house.people.open_all([each.sealed for each in found.messages])
    messages = [
        {"from": "house" if each.from_house else "sender", "at": each.at.isoformat(), "text": text}
        for each, text in zip(found.messages, texts, strict=True)
    ]
    received = found.received.isoformat() if found.received else None
    stands = standing(found, case)
    return JsonResponse({"stands": stands, "received": received, "messages": messages})


def _wrong(error: ValidationError) -> str:
    """Which fields are wrong, and why; never what stood in them."""
    parts = []
    for each in error.errors(include_input=False, include_url=False)[:10]:
        field = ".".join(str(part)[:40] for part in each["loc"]) or "notice"
        parts.append(f"{field}: {each['msg']}")
    return "; ".join(parts)
