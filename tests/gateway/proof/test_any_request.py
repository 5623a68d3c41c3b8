"""Whatever is asked, on every route of the gateway, over a real connection: never an accident."""

from __future__ import annotations

import http.client
import json
import logging
import os
import random
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.gateway.links import Links
from perisai.gateway.secrets import signing_secret
from tests.gateway.proof import pictures
from tests.gateway.proof.liar import World, lying
from tests.gateway.proof.running import loaded, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gateway.proof.running import Running

SHA = "ab" * 32
TENOR = ("search", "featured", "categories", "autocomplete", "search_suggestions", "trending_terms",
         "registershare", "posts")  # fmt: skip
GIPHY = (
    *(f"{half}{rest}" for half in ("gifs", "stickers") for rest in (
        "", "/search", "/trending", "/translate", "/random", "/related", "/categories",
        "/search/tags", "/{}", "/categories/{}", "/categories/{}/{}")),
    "tags/related/{}", "trending/searches", "randomid", "channels/search", "text/animate",
)  # fmt: skip
PATHS = (
    *(f"/v2/{each}" for each in TENOR), *(f"/v1/{each}" for each in GIPHY),
    "/", "/v1/screen", "/v1/screen/{}", "/health/live", "/health/ready", "/metrics", "/demo",
    "/demo/viewer", "/demo/panel", "/demo/{}", "/report/{}", "/media/{}/{}/{}",
    f"/media/ffffffff/{{}}/{SHA}.gif", f"/media/{{}}/AAAAAAAAAAAAAAAAAAAAAA/{SHA}.{{}}", "/{}",
)  # fmt: skip
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND")
NAMES = ("q", "s", "tag", "ids", "id", "gif_id", "limit", "offset", "pos", "media_filter",
         "contentfilter", "searchfilter", "random", "locale", "country", "lang", "rating",
         "weirdness", "fields", "key", "api_key", "v", "age_band", "band", "kind", "url",
         "done")  # fmt: skip
HEADERS = ("Range", "If-Range", "If-None-Match", "If-Modified-Since", "X-Perisai-Key",
           "X-Perisai-Age", "Accept", "Accept-Language", "Accept-Encoding", "Host", "Content-Type",
           "Idempotency-Key", "Cookie", "Origin", "Referer", "Expect", "Upgrade", "Connection",
           "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Transfer-Encoding")  # fmt: skip
ODD = ("", "cat", "-1", "0", "1e999", "nan", "1_0", "9" * 3000, "undefined", "../../etc/passwd",
       "a,b,,c", ".", "images..url", "%", "%00", "%ff%fe", "%u0041", "{}", "<script>", "\x7f",
       "bytes=0-", "bytes=-1", "bytes=5-2", "bytes=0-0,2-3", "bytes=" + "9" * 400 + "-", "*",
       'W/"x", "y', '"' * 500, "13-15;9999999999;00", "adult;0;" + "0" * 64, ";;;;", "\xe9\xff",
       "id-ID,en;q=nan", "*;q=2", "q=" * 900, "text/html, application/json", "[::1]:x", "a b",
       "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x",
       "application/json", "application/x-www-form-urlencoded; charset=nonsense", "text/\xff",
       "100-continue", "websocket", "upgrade", "http://127.0.0.1:1/",
       "file:///etc/passwd")  # fmt: skip
BODIES = (b"", b"\0", b"{", b"[1]", b'{"kind": 7}', b"kind=report&reason=%ff", b"kind=hidden",
          b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nGIF\r\n--x--",
          b"--x\r\nContent-Disposition: form-data; name=\"\xff\"; filename=\"\r\n\r\n",
          b"[" * 9_000, b"kind=" + b"x" * 9_000)  # fmt: skip
VALUES = st.sampled_from(ODD) | st.text(st.characters(max_codepoint=255), max_size=30)
TEXTS = st.sampled_from(ODD) | st.text(max_size=30)
RAW = st.binary(max_size=30).map(lambda data: quote(data, safe="&="))
EXAMPLES = os.environ.get("PERISAI_PROOF_EXAMPLES")
MANY = settings(
    max_examples=int(EXAMPLES or 300), deadline=None, derandomize=EXAMPLES is None, database=None
)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("any")
    world = World(random.Random("any request"))
    with lying(world):
        chosen = loaded(folder, world.port, deadline_ms=50)
        section = chosen.gateway.model_copy(update={"demo": "everyone"})
        with running(chosen.model_copy(update={"gateway": section})) as gateway:
            yield gateway


class Accidents(logging.Handler):
    """Collects what is an accident to a log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(f"{record.getMessage()} {record.exc_info}")


@pytest.fixture(scope="module")
def accidents() -> Iterator[list[str]]:
    handler = Accidents()
    logging.getLogger().addHandler(handler)
    for name in ("uvicorn.error", "perisai.gateway", "asyncio"):
        logging.getLogger(name).addHandler(handler)
    yield handler.told
    for name in ("", "uvicorn.error", "perisai.gateway", "asyncio"):
        logging.getLogger(name).removeHandler(handler)


def ask(
    gateway: Running, method: str, path: str, headers: list[tuple[str, str]], body: bytes = b""
) -> http.client.HTTPResponse:
    """Send one request as it stands; returns the answer with its body in ``said``."""
    host, _, port = gateway.base.removeprefix("http://").partition(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=30)) as talk:
        talk.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            talk.putheader(name, value.encode("latin-1", "replace"))
        if body:
            talk.putheader("Content-Length", str(len(body)))
        talk.endheaders(body or None)
        got = talk.getresponse()
        got.said = got.read()
        return got


def shaped(method: str, path: str, got: Any) -> None:
    """See that an answer has the shape of its route, whatever it says."""
    said = got.said.decode()
    assert got.status < 500 or got.status == 503, (got.status, said)
    assert "Traceback" not in said
    assert "site-packages" not in said
    if method == "HEAD" or got.status in (204, 304):
        assert not said
        return
    kind = got.headers.get("Content-Type", "")
    if path.startswith("/media/"):
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.status in (204, 404, 405, 410, 503)
        assert not said
    elif path.startswith("/v2/") and path.split("/")[2] in TENOR:
        _tenor(got.status, json.loads(said))
    elif path.startswith("/v1/") and not path.startswith("/v1/screen"):
        _giphy(got.status, json.loads(said))
    elif kind.startswith("application/json") and got.status >= 400:
        assert json.loads(said)["error"]["message"]


def _tenor(status: int, body: dict[str, Any]) -> None:
    if status >= 400:
        assert body["error"].keys() == {"code", "message", "status", "details"}
        assert body["error"]["code"] == status


def _giphy(status: int, body: dict[str, Any]) -> None:
    assert body["meta"]["status"] == status
    assert isinstance(body["meta"]["msg"], str)
    assert isinstance(body["data"], list | dict)


def _sendable(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without line breaks, which would end the header, and with what HTTP needs."""
    clean = [(name, "".join(c for c in value if c >= " " or c == "\t")) for name, value in headers]
    return [*clean, *([] if any(name == "Host" for name, _ in clean) else [("Host", "gif.test")])]


@given(
    method=st.sampled_from(METHODS),
    path=st.sampled_from(PATHS),
    words=st.lists(TEXTS.filter(bool), min_size=3, max_size=3),
    query=st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=5),
    raw=RAW,
    headers=st.lists(st.tuples(st.sampled_from(HEADERS[:-1]), VALUES), max_size=4),
    body=st.sampled_from(BODIES),
)
@MANY
def test_any_request_gets_an_answer_in_its_shape(
    gateway: Running, accidents: list[str], method: str, path: str, words: list[str],
    query: list[tuple[str, str]], raw: str, headers: list[tuple[str, str]], body: bytes,
) -> None:  # fmt: skip
    for word in words:
        path = path.replace("{}", _quoted(word.replace("/", "-"), safe="").replace(".", "%2E"), 1)
    pairs = "&".join(f"{name}={_quoted(value, safe='%')}" for name, value in query)
    target = f"{path}?{pairs}&{raw}"
    with_body = method in ("POST", "PUT", "PATCH")
    got = ask(gateway, method, target, _sendable(headers), body if with_body else b"")
    if got.status == 400 and got.said == b"Invalid HTTP request received.":
        return  # no HTTP: the server itself says so
    shaped(method, path, got)
    assert accidents == []


def _quoted(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="surrogatepass")


@pytest.mark.parametrize("path", ["/v2/search?q=cat", "/v1/gifs/search?q=cat", "/report/x", "/"])
def test_a_query_of_a_megabyte_gets_an_answer(gateway: Running, path: str) -> None:
    for more in ("&q=" + "x" * 60_000, "&q=a" * 12_000, "&" * 60_000, "&%" * 20_000):
        got = ask(gateway, "GET", f"{path}{more}", [("Host", "gif.test")])
        assert got.status < 500
        shaped("GET", path.partition("?")[0], got)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_method_that_is_none_is_told_in_the_dialects_shape(gateway: Running, method: str) -> None:
    for path, look in (("/v2/search", _tenor), ("/v1/gifs/search", _giphy)):
        got = ask(gateway, method, f"{path}?q=cat", [("Host", "gif.test")])
        assert got.status == 405
        assert "GET" in got.headers["Allow"]
        look(405, json.loads(got.said))


def test_what_may_not_be_seen_does_not_show_that_it_is_there(gateway: Running) -> None:
    """Withheld, unknown and forged are alike: status, headers and body, whatever is asked."""
    links = Links(signing_secret(gateway.settings), seconds=3600)
    bench = gateway.gateway.bench
    from perisai.gateway.items import Item

    thing = Item("giphy", "one", "gif", "", (), ())
    known = gateway.call(bench.intake.take(thing, "gif-tiny", pictures.gif(7), urgent=True))
    bad = gateway.call(bench.intake.take(thing, "gif-nano", pictures.gif(101), urgent=True))
    withheld = [links._path(each.screened.sha256, "gif") for each in (known, bad)]
    paths = [*withheld, links._path(SHA, "gif"), f"/media/ffffffff/{'A' * 22}/{SHA}.gif"]
    for method in ("GET", "HEAD"):
        for headers in ([], [("Range", "bytes=0-1")], [("If-None-Match", "*")], [("Range", "x")]):
            answers = [ask(gateway, method, path, [("Host", "x"), *headers]) for path in paths]
            told = {
                (got.status, got.said, tuple(h for h in got.headers.items() if h[0] != "date"))
                for got in answers
            }
            assert len(told) == 1
            assert answers[0].status == 404
