"""Notices by machine: signed, of known fields only, each taken in once."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from http_message_signatures import HTTPMessageSigner, algorithms

from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.intake.signing import COVERED, TAG, secret
from tests.desk.conftest import INTAKE

ROOT = Path(__file__).parents[3]
SITE = "http://localhost"
NOTICE = {
    "explanation": "rahasia-penjelasan", "location": "https://rahasia.example/1",
    "category": "nudity", "good_faith": True, "name": "Hotline", "email": "a@example.org",
    "trusted_flagger": "TF-1", "age_band": "10-12",
}  # fmt: skip


class Client:
    """A machine that sends notices."""

    def __init__(self, visitor, key: str) -> None:
        self._client, self._key = visitor.client, key

    def resolve_private_key(self, key_id: str) -> bytes:
        return self._key.encode()

    def signed(self, body: bytes, *, key="hotline-1", covered=COVERED, name="hotline", at=None):
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        request = httpx2.Request("POST", f"{SITE}/api/v1/notices", headers=headers, content=body)
        signer = HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256, key_resolver=self)
        signer.sign(
            request, body=body, key_id=name, tag=TAG, covered_component_ids=covered,
            created=at or datetime.now(UTC),
        )  # fmt: skip
        return request

    def send(self, request, body: bytes | None = None, **changed: str):
        headers = {k: v for k, v in request.headers.items() if k != "host"} | changed
        kind = headers.pop("content-type")
        headers.pop("content-length", None)
        content = request.content if body is None else body
        path = request.url.path
        answer = self._client.post(path, content, content_type=kind, headers=headers)
        answer.json()
        return answer

    def notice(self, how: dict | None = None, without: str = "", **options):
        told = {k: v for k, v in (NOTICE | (how or {})).items() if k != without}
        return self.send(self.signed(json.dumps(told).encode(), **options))


@pytest.fixture
def client(limited, house) -> Client:
    return Client(limited(notice_clients=("hotline",)), secret(house.people, "hotline"))


def count(house) -> int:
    return ComplaintRow.objects.using(house.alias).count()


def test_a_notice_is_a_complaint_with_a_receipt(client, house, visitor):
    answer = client.notice()
    assert answer.status_code == 202, answer.content
    receipt = answer.json()["receipt"]
    found = house.find(Receipt(receipt))
    assert (found.source, found.told["link"]) == ("api", NOTICE["location"])
    assert house.people.open(found.reporter) == "Hotline\na@example.org\nTF-1"
    house.answer(found.id, INTAKE, "Terima kasih")
    headers = {"X-Receipt": receipt}
    stands = visitor.client.get("/api/v1/notices", headers=headers).json()
    assert (stands["stands"], stands["messages"][0]["text"]) == ("received", "Terima kasih")
    wrong = visitor.client.get("/api/v1/notices", headers={"X-Receipt": "0" * 16})
    assert wrong.status_code == 404
    assert house.rebuild(write=False) == []


def test_a_notice_of_child_abuse_needs_no_name_and_is_sealed(client, house):
    told = {"category": "child-sexual-abuse", "name": "", "email": ""}
    found = house.find(Receipt(client.notice(told).json()["receipt"]))
    assert found.sealed
    assert found.told is None


def test_the_same_again_is_no_second_complaint_and_another_is_refused(client, house):
    request = client.signed(json.dumps(NOTICE).encode())
    answers = [client.send(request) for _ in range(3)]
    assert len({each.content for each in answers}) == 1
    assert client.notice({"explanation": "lain"}).status_code == 409
    assert count(house) == 1


@pytest.mark.parametrize("minutes", [-7, 3, 60 * 24])
def test_a_clock_that_is_far_off(client, house, minutes):
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert client.notice(at=at).status_code == 401
    assert count(house) == 0


def test_a_clock_that_is_a_little_off(client):
    assert client.notice(at=datetime.now(UTC) + timedelta(seconds=40)).status_code == 202


def test_what_is_not_signed_by_a_client_of_ours(client, visitor, house):
    body = json.dumps(NOTICE).encode()
    request = client.signed(body)
    assert client.send(request, body.replace(b"rahasia", b"palsu12")).status_code == 401
    assert client.send(request, **{"idempotency-key": "another-key"}).status_code == 401
    assert client.send(request, signature="sig1=:AAAA:").status_code == 401
    assert client.send(request, signature="").status_code == 401
    assert client.send(client.signed(body, name="nobody")).status_code == 401
    assert client.send(client.signed(body, covered=COVERED[:-1])).status_code == 401
    stranger = Client(visitor, secret(house.people, "another"))
    assert stranger.notice().status_code == 401
    assert count(house) == 0


@pytest.mark.parametrize(
    ("told", "without"),
    [
        ({"source": "press"}, ""), ({"sealed": True, "case": "K-1"}, ""), ({"file": "AAAA"}, ""),
        ({"good_faith": False}, ""), ({}, "good_faith"), ({}, "email"), ({}, "location"),
        ({"location": "somewhere"}, ""), ({"location": "javascript:alert(1)"}, ""),
        ({"category": "x"}, ""), ({"explanation": " "}, ""), ({"age_band": "99"}, ""),
    ],
)  # fmt: skip
def test_fields_that_are_unknown_wrong_or_missing(client, house, told, without):
    answer = client.notice(told, without)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert "rahasia" not in answer.content.decode()
    assert count(house) == 0


def test_what_is_too_large_or_no_json(client, house):
    assert client.send(client.signed(b"x" * 70_000)).status_code == 413
    assert client.send(client.signed(b"{")).status_code == 422
    assert client.notice(key="short").status_code == 400
    request = client.signed(json.dumps(NOTICE).encode())
    assert client.send(request, **{"content-type": "text/plain"}).status_code == 415
    assert count(house) == 0


def test_receipts_cannot_be_guessed_by_machine_either(limited):
    visitor = limited(guesses_per_hour=2)
    codes = [
        visitor.client.get("/api/v1/notices", headers={"X-Receipt": "1" * 16}).status_code
        for _ in range(3)
    ]
    assert codes == [404, 404, 429]


def test_the_document_is_openapi_and_says_what_is_read(visitor):
    from openapi_spec_validator import OpenAPIV31SpecValidator

    told = visitor.client.get("/api/v1/openapi.json").json()
    OpenAPIV31SpecValidator(told).validate()
    notice = told["components"]["schemas"]["Notice"]
    assert notice["additionalProperties"] is False
    assert set(NOTICE) <= set(notice["properties"])
    assert {"explanation", "location", "category", "good_faith"} == set(notice["required"])


def test_the_example_of_the_documentation_runs(client, house):
    text = (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    told = {"SITE": SITE, "SECRET": client._key, "SEND": client.send}
    exec(example, told)
    assert house.find(Receipt(told["receipt"])).source == "api"
