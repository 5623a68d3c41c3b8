"""Whatever is sent gets an answer in the shape of the upload check, and never a fault of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.gateway.search.house import clean
from tests.gateway.uploads.house import api_key, open_house

if TYPE_CHECKING:
    import asyncio

APP = "app-key"
header = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"))
words = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["3-5", "adult", "", "0", "-1", "1e3", "9" * 30, "٣", "NaN", "true"]),
)
values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), words, st.lists(words, max_size=2)
)


@pytest.fixture(scope="module")
def house(loop: asyncio.Runner, local, tmp_path_factory) -> Any:
    folder = tmp_path_factory.mktemp("any")
    opened = open_house(folder, local, api_key("app"), anonymous_per_minute=1_000_000)
    yield loop.run(opened.__aenter__())
    loop.run(opened.__aexit__(None, None, None))


def is_answer(answer: Any) -> None:
    assert answer.status_code in (200, 202, 400, 401, 404, 413, 415, 422, 429, 503)
    said = answer.json()
    if answer.status_code in (200, 202):
        assert "id" in said
    else:
        assert set(said["error"]) == {"code", "message"}
        assert said["error"]["message"]
        assert "allowed" not in said
    assert "Traceback" not in answer.text


quietly = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quietly
@given(
    params=st.dictionaries(st.sampled_from(["age_band", "wait_ms", "key", "api_key", "x"]), words),
    headers=st.dictionaries(
        st.sampled_from(
            ["Prefer", "Idempotency-Key", "X-Perisai-Age", "X-Perisai-Key", "Content-Type"]
        ),
        header,
    ),
    with_key=st.booleans(),
    data=st.one_of(st.binary(max_size=200), st.just(clean(1))),
)
def test_any_parameter_and_header(run, house, params, headers, with_key, data) -> None:
    sent = {name: value.strip().encode("latin-1") for name, value in headers.items()}
    if with_key:
        sent["X-Perisai-Key"] = APP.encode()
    is_answer(run(house.http.post("/v1/screen", params=params, headers=sent, content=data)))


@quietly
@given(
    body=st.one_of(
        st.binary(max_size=100),
        st.dictionaries(st.sampled_from(["url", "age_band", "wait_ms", "y"]), values).map(
            lambda value: json.dumps(value).encode()
        ),
        values.map(lambda value: json.dumps(value).encode()),
        st.sampled_from([b"[" * 60_000, b'{"url":"a","wait_ms":' + b"9" * 6000 + b"}"]),
    )
)
def test_any_json(run, house, body) -> None:
    headers = {"Content-Type": "application/json", "X-Perisai-Key": APP}
    is_answer(run(house.http.post("/v1/screen", headers=headers, content=body)))


@quietly
@given(
    body=st.lists(
        st.sampled_from(
            [
                b"--x\r\n",
                b"--x--\r\n",
                b"\r\n",
                b"\r\n\r\n",
                b"Content-Disposition: form-data;",
                b' name="file";',
                b' filename="a.gif"',
                b' name="age_band"',
                b"adult",
                b"\x00\xff",
                b"Content-Type: image/gif",
                b":",
                b"--",
            ]
        ),
        max_size=14,
    ).map(b"".join)
)
def test_any_form(run, house, body) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    is_answer(run(house.http.post("/v1/screen", headers=headers, content=body)))


@quietly
@given(number=st.text(min_size=1, max_size=80))
@example(number="/")
def test_any_number(run, house, number) -> None:
    from urllib.parse import quote

    path = f"/v1/screen/{quote(number, safe='')}"
    answer = run(house.http.get(path, headers={"X-Perisai-Key": APP}))
    assert answer.status_code in (404, 405)
    assert "location" not in answer.headers
    assert answer.status_code == 405 or "/" in number or answer.json()["error"]["code"]


@pytest.mark.parametrize(
    ("send", "code"),
    [
        ({"params": {"age_band": "7"}}, "bad_age_band"),
        ({"params": [("age_band", "6-9"), ("age_band", "adult")]}, "bad_age_band"),
        ({"params": {"wait_ms": "soon"}}, "bad_wait_ms"),
        ({"params": {"wait_ms": "-1"}}, "bad_wait_ms"),
        ({"headers": {"Idempotency-Key": ""}}, "bad_idempotency_key"),
        ({"headers": {"Idempotency-Key": "x" * 256}}, "bad_idempotency_key"),
        ({"headers": {"Idempotency-Key": "é".encode("latin-1")}}, "bad_idempotency_key"),
    ],
)
def test_a_wrong_parameter_is_named(run, house, send, code) -> None:
    answer = run(house.send(clean(1), APP, **send))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "bad_json"),
        ([], "bad_json"),
        ({"url": 5}, "bad_json"),
        ({"url": "https://example.org/", "agband": "adult"}, "bad_json"),
        ({"url": "https://example.org/", "age_band": None}, "bad_age_band"),
        ({"url": "https://example.org/", "wait_ms": True}, "bad_wait_ms"),
        ({"url": "https://example.org/", "wait_ms": -5}, "bad_wait_ms"),
    ],
)
def test_a_wrong_json_is_named(run, house, body, code) -> None:
    answer = run(house.send(None, APP, json=body))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_stranger_cannot_have_an_idempotency_key(run, house) -> None:
    answer = run(house.send(clean(1), headers={"Idempotency-Key": "one"}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "key_needed")
