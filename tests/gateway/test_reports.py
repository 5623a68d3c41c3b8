from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from perisai.errors import StorageError
from perisai.gateway import reports
from perisai.gateway.report_words import _WORDS, language_of
from perisai.gateway.reports import LONGEST_REASON, MOST_BYTES, PER_MINUTE, Reports
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.memory import MemoryStore
from perisai.storage.records import Linked
from perisai.terms import AgeBand
from tests.gateway.edge import NOW, Clock, KeyTable, api_key, clients_of, links_at

SHA = "ab" * 32


class World:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.links = links_at(Clock())
        clients = clients_of(KeyTable(api_key("teen", "13-15")), Clock(), self.links)
        self.counted: list[str] = []
        self.reports = Reports(
            AsyncStore(self.store), self.links, clients,
            help_line="SAPA 129", clock=lambda: NOW, count=self.counted.append,
        )  # fmt: skip
        self.number = self.links.number("catalogue", "kucing-01")
        self.http = TestClient(Starlette(routes=self.reports.routes()))

    @property
    def kept(self) -> list:
        return [report for _, report in self.store.reports()]

    def post(self, number: str | None = None, **options):
        path = f"/report/{number or self.number}"
        return self.http.post(path, follow_redirects=False, **options)

    def page(self, query: str = "", **headers: str):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(f"/report/{self.number}{query}", headers=sent)


@pytest.fixture
def world() -> World:
    return World()


class TestPage:
    def test_help_comes_before_the_form(self, world):
        page = world.page().text
        assert page.index('href="tel:129"') < page.index("<form")
        assert page.index("SAPA 129") < page.index("<form")

    def test_nothing_on_it_needs_a_script_or_another_server(self, world):
        answer = world.page()
        assert "<script" not in answer.text
        assert not re.search(r"(src|href)=\"?(https?:)?//", answer.text)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'" in policy
        assert "set-cookie" not in answer.headers
        assert answer.headers["referrer-policy"] == "no-referrer"

    def test_the_style_is_the_one_that_the_policy_allows(self, world):
        import base64
        import hashlib

        answer = world.page()
        style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]

    @pytest.mark.parametrize(
        ("query", "accepts", "language"),
        [("", "", "id"), ("", "en-GB,en;q=0.9", "en"), ("", "fr", "id"), ("?lang=en", "id", "en"),
         ("", "en;q=0.5, id;q=0.8", "id"), ("?lang=xx", "en", "en"), ("", "en;q=x", "id")],
    )  # fmt: skip
    def test_in_the_language_that_is_read(self, world, query, accepts, language):
        answer = world.page(query, accept_language=accepts)
        assert f'<html lang="{language}">' in answer.text
        assert answer.headers["content-language"] == language

    def test_every_word_is_there_in_both_languages(self):
        assert all(one and other and one != other for one, other in _WORDS.values())

    def test_every_field_and_button_has_a_name(self, world):
        page = world.page("?lang=en").text
        assert '<label for="reason">' in page
        assert re.findall(r'<button name="kind" value="(\w+)"', page) == ["report", "hidden"]
        assert page.count("<h1") == 1

    def test_a_number_that_is_none_of_ours(self, world):
        answer = world.http.get(f"/report/{world.number[:-2]}")
        assert answer.status_code == 404
        assert "<form" not in answer.text
        assert "SAPA 129" in answer.text

    def test_a_help_line_without_a_number(self):
        world = World()
        world.reports._help_line = "<b>Guru</b>"
        page = world.page().text
        assert "&lt;b&gt;Guru" in page
        assert "tel:" not in page


class TestReports:
    @pytest.mark.parametrize("kind", ["report", "hidden"])
    def test_a_report_is_kept_and_thanked_for(self, world, kind):
        answer = world.post(data={"kind": kind, "reason": " tidak  pantas\n", "lang": "en"})
        assert answer.status_code == 303
        (kept,) = world.kept
        assert (kept.upstream, kept.item, kept.number) == ("catalogue", "kucing-01", world.number)
        assert (kept.kind, kept.reason, kept.band, kept.at) == (
            kind, "tidak  pantas", AgeBand.AGE_3_5, NOW,
        )  # fmt: skip
        assert world.counted == [kind]
        thanks = world.http.get(f"/report/{answer.headers['location']}").text
        assert 'role="status"' in thanks
        assert '<html lang="en">' in thanks
        assert "<form" not in thanks

    def test_with_the_bytes_that_were_shown_last(self, world):
        for number, sha in enumerate(("cd" * 32, SHA)):
            at = NOW + timedelta(seconds=number)
            world.store.link([Linked("catalogue", "kucing-01", f"gif-{number}", sha, at)])
        world.post(data={"kind": "report"})
        assert world.kept[0].sha256 == SHA

    def test_with_the_band_of_the_key(self, world):
        world.http.post(f"/report/{world.number}?key=teen", data={"kind": "hidden"})
        assert world.kept[0].band == "13-15"

    def test_a_program_gets_json(self, world):
        answer = world.post(
            json={"kind": "report", "reason": "x"}, headers={"Accept": "application/json"}
        )
        assert (answer.status_code, answer.json()) == (201, {"recorded": 1})
        bad = world.post(json={"kind": "odd"}, headers={"Accept": "application/json"})
        assert (bad.status_code, bad.json()["error"]["code"]) == (400, "unclear")

    @pytest.mark.parametrize(
        "options",
        [{}, {"data": {"kind": "other"}}, {"content": b"\xff\xfe=1&kind=report"},
         {"content": b"[1]", "headers": {"Content-Type": "application/json"}},
         {"content": b"{", "headers": {"Content-Type": "application/json"}},
         {"content": b"[" * 8000, "headers": {"Content-Type": "application/json"}},
         {"content": b'{"kind": ["report"]}', "headers": {"Content-Type": "application/json"}},
         {"content": b"kind=report&" * 50}, {"content": b"k" * (MOST_BYTES + 1)},
         {"files": {"kind": b"report"}}],
    )  # fmt: skip
    def test_what_is_no_report_is_not_kept(self, world, options):
        answer = world.post(**options)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
        assert "<form" in answer.text
        assert world.kept == []

    def test_a_reason_is_cut_and_cleaned(self, world):
        world.post(data={"kind": "report", "reason": "a\x00\u202eb" + "c" * 5000})
        assert world.kept[0].reason == "ab" + "c" * (LONGEST_REASON - 2)

    def test_numbers_that_are_none_of_ours_are_not_kept(self, world):
        assert world.post("AAAA", data={"kind": "report"}).status_code == 404
        assert world.kept == []

    def test_not_too_often_from_one_address(self, world):
        for _ in range(PER_MINUTE):
            assert world.post(data={"kind": "report"}).status_code == 303
        answer = world.post(data={"kind": "report"})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert len(world.kept) == PER_MINUTE

    def test_nobody_is_thanked_for_what_was_not_kept(self, world):
        def failing(report: object) -> int:
            raise StorageError("The disk is full.")

        world.store.add_report = failing
        answer = world.post(data={"kind": "report", "reason": "<script>alert(1)</script>"})
        assert answer.status_code == 503
        assert "TIDAK tercatat" in answer.text
        assert "&lt;script&gt;" in answer.text, "what was written is not lost"
        assert world.counted == []


def test_who_sends_a_report_for_ever_is_told_so(world, monkeypatch):
    monkeypatch.setattr(reports, "READ_SECONDS", 0.05)
    said = []

    async def receive():
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"k", "more_body": True}

    async def send(message):
        said.append(message)

    path = f"/report/{world.number}"
    scope = {
        "type": "http", "method": "POST", "path": path, "query_string": b"", "headers": [],
        "client": ("192.0.2.1", 5), "http_version": "1.1", "scheme": "http", "root_path": "",
    }  # fmt: skip
    asyncio.run(asyncio.wait_for(world.http.app(scope, receive, send), 5))
    assert said[0]["status"] == 400
    assert world.kept == []


def test_a_long_header_is_read_in_part():
    assert language_of(None, "fr," * 10_000 + "en") == "id"
