"""Everything that comes from outside is hostile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from perisai.desk.body import LARGE_AT_ONCE, Bounded
from perisai.desk.complaints import domain as complaints
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.public.options import LARGEST_BODY
from tests.desk.conftest import COMMISSIONER, INTAKE
from tests.desk.public.stories import LETTER, TOKEN

MARK = "zzmark"
ATTACKS = (
    f'"><script>{MARK}()</script>',
    f"'><img src=x onerror={MARK}()>",
    f"</textarea></title><svg onload={MARK}()>",
    f"{{{{ {MARK} }}}}{{% load {MARK} %}}",
    f"javascript:{MARK}()",
)
ATTACK = "\n".join(ATTACKS)


class _Watch(HTMLParser):
    """Finds what a browser would run, and what it would open."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.wrong.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and MARK in (value or ""):
                self.wrong.append(f"{tag} {name}={value}")
        if tag in ("script", "img", "svg", "style", "iframe") and MARK in str(attrs):
            self.wrong.append(tag)

    def handle_data(self, data) -> None:
        if self.lasttag in ("script", "style") and MARK in data:
            self.wrong.append(self.lasttag)


def harmless(page) -> None:
    """The attack is on the page, as text and as nothing else."""
    assert MARK in page.html
    watch = _Watch()
    watch.feed(page.html)
    assert not watch.wrong
    assert page.html.count("<script") == 1
    assert f"<svg onload={MARK}" not in page.html


FIELDS = ({"app", "words", "link", "when"}, {"what"}, {"name", "contact"})


def test_no_field_of_a_complaint_runs(visitor):
    for language in ("", "/en"):
        visitor.get(f"{language}/aduan")
        for names in FIELDS:
            attacked = dict.fromkeys(names, ATTACK.replace("\n", " ")[:200])
            harmless(visitor.send(go="stay", **attacked))
            visitor.send()
        harmless(visitor.page)
        assert visitor.page.html.count(MARK) >= 7
        assert visitor.send(go="send").code


def test_no_message_runs(visitor, house):
    receipt = visitor.report(what=ATTACK).code
    visitor.post("/kode", {"code": receipt})
    harmless(visitor.send(message=ATTACK, do="message"))
    known = house.find(Receipt(receipt))
    sealed = house.people.seal(known.person, ATTACK)
    house.change_complaint(known.id, INTAKE, lambda c: complaints.answer(c, INTAKE, sealed))
    harmless(visitor.post("/kode", {"code": receipt}))
    harmless(
        visitor.post("/kode", visitor.page.forms[0] | {"do": "message", "message": ATTACK * 99})
    )


def test_nothing_of_a_result_or_letter_runs(visitor, house, story):
    from perisai.desk.cases import domain as cases
    from tests.desk.conftest import NOW, OFFICER

    story.key = house.open_case(
        INTAKE, title=ATTACK, platform=ATTACK, words=[], promised=NOW + timedelta(days=9)
    ).id
    letter = {
        name: [ATTACK] if isinstance(v, list) else v if name == "at" else ATTACK
        for name, v in LETTER.items()
    }
    story.decided()
    story.do(OFFICER, lambda c: cases.note(c, OFFICER, ATTACK, "public"))
    story.do(COMMISSIONER, lambda c: cases.agree_to_note(c, COMMISSIONER, 5))
    story.invited(letter)
    harmless(visitor.get(f"/jawab/{TOKEN}"))
    visitor.send(1, do="answer", answer=ATTACK)
    harmless(visitor.get(f"/jawab/{TOKEN}"))
    story.published({"id": ATTACK, "en": ATTACK})
    for path in ("/hasil", f"/hasil/{story.key}", f"/en/hasil/{story.key}"):
        harmless(visitor.get(path))
    response = visitor.client.get(f"/hasil/{story.key}.json")
    assert response["Content-Type"] == "application/json"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/aduan", "/kode", "/hasil", "/hasil.json", "/x", "/keluar"])
def test_headers_stand_on_everything(visitor, path):
    headers = visitor.get(path).response.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_https_is_held_to_where_it_is_the_address(limited):
    headers = limited(public_url="https://localhost").get("/").response.headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_files_are_kept_by_what_is_in_them(visitor):
    import re

    address = re.search(r'href="(/static/\w+/public.css)"', visitor.get("/").html)[1]
    response = visitor.get(address).response
    assert (response.status_code, response["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in response["Cache-Control"]
    for wrong in ("/static/0/public.css", address.replace("public.css", "..%2Fwords%2Fdoor.toml")):
        assert visitor.get(wrong).status == 404
    assert not re.search(r"\sstyle=|<style|<script>", visitor.get("/").html)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 422),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost"}, 422),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 422),  # our own forms, from an old browser
        ({}, 422),
    ],
)
def test_only_forms_of_our_own_are_answered(visitor, headers, status):
    sent = visitor.client.post(
        "/kode", "code=1", content_type="application/x-www-form-urlencoded", headers=headers
    )
    assert sent.status_code == status
    assert "tel:129" in sent.content.decode()


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "a b", "lo\tx"]
)
def test_other_hosts_are_refused(visitor, host):
    page = visitor.get("/", Host=host)
    assert page.status == 400
    assert "evil" not in page.html


def test_hosts_of_the_settings_are_answered(chosen):
    from perisai.desk.public.options import hosts

    def known(**desk):
        return hosts(chosen.model_copy(update={"desk": chosen.desk.model_copy(update=desk)}))

    assert known() == ["127.0.0.1", "localhost", "[::1]"]
    assert "aduan.example.id" in known(public_url="https://aduan.example.id/x")
    assert known(public_host="0.0.0.0") == known(public_host="::") == known()
    assert "[2001:db8::1]" in known(public_host="2001:db8::1")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/aduan", "/hasil"])
def test_other_methods(visitor, method, path):
    kind = "application/x-www-form-urlencoded"
    assert visitor.client.generic(method, path, b"a", kind).status_code == 405


@pytest.mark.parametrize("path", ["/", "/hasil", "/keluar", "/hasil.json"])
def test_nothing_is_sent_where_nothing_is_asked(visitor, path):
    assert visitor.post(path, {"a": "b"}).status == 405


def test_files_and_other_bodies_are_not_taken(visitor):
    sent = visitor.client.post("/aduan", {"draft": "x"})  # multipart
    assert sent.status_code == 415
    assert visitor.client.post("/aduan", "{}", content_type="application/json").status_code == 415
    assert visitor.client.post("/aduan", "", content_type="").status_code == 415
    odd = "application/x-www-form-urlencoded; charset=utf-7"
    assert visitor.client.post("/aduan", "a=b", content_type=odd).status_code == 400


def test_too_much_at_once(visitor):
    assert visitor.post("/aduan", "what=" + "x" * LARGEST_BODY).status == 413
    assert visitor.post("/aduan", "&".join(f"f{n}=1" for n in range(100))).status == 400


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (b"a%00b", "ab"),
        (b"a%ED%A0%80b", "a\ufffd\ufffd\ufffdb"),
        (b"%FF%FE", "\ufffd\ufffd"),
        (b"a%0D%0AX-Header:%201", "a\nX-Header: 1"),
        (b"%1B%5B31mred%07", "[31mred"),
        ("x\u202egpj.exe".encode(), "xgpj.exe"),
        ("👩‍👩‍👧 é ك".encode(), "👩‍👩‍👧 é ك"),
        (b"\xc2\x85x", "x"),
    ],
)
def test_what_no_keyboard_types_is_taken_out(visitor, house, typed, kept):
    visitor.get("/aduan")
    visitor.send(words="w")
    draft = visitor.page.forms[0]["draft"].encode().replace(b"+", b"%2B")
    visitor.post("/aduan", b"step=2&go=next&draft=" + draft + b"&what=" + typed)
    assert visitor.page.status == 200
    visitor.send()
    complaint = house.find(Receipt(visitor.send(go="send").code))
    assert complaint.told["what"] == kept
    assert house.rebuild(write=False) == []


def test_fields_that_are_too_long_say_so_and_keep_what_was_typed(visitor):
    visitor.get("/aduan")
    page = visitor.send(words="x" * 201, link="y" * 2001)
    assert page.status == 422
    assert "paling banyak 200" in page.text
    assert "paling banyak 2.000" in page.text
    assert page.forms[0]["words"] == "x" * 201


def test_newlines_in_an_address_make_no_header(visitor):
    for path in ("/jawab/a%0d%0aSet-Cookie:%20x=1", "/en/%0d%0aLocation:%20//evil.example"):
        response = visitor.get(path).response
        assert response.status_code == 404
        assert "Location" not in response
        assert not response.cookies


@pytest.mark.parametrize("table", ["facts_head", "facts_personkey", "complaints_complaintrow"])
def test_a_database_that_fails_is_told_and_help_is_still_there(visitor, house, table):
    from django.db import connections

    with connections[house.log.alias].cursor() as cursor:
        cursor.execute(f"alter table {table} rename to gone")
    page = visitor.report(what="x")
    assert page.status == 503
    assert "BELUM tersimpan" in page.text
    assert "tel:129" in page.html
    assert "no such table" not in page.html
    assert "facts" not in page.html
    with connections[house.log.alias].cursor() as cursor:
        cursor.execute(f"alter table gone rename to {table}")
    assert visitor.report(what="x").code, "and goes on when it is back"


def test_a_fault_of_ours_shows_no_traceback(visitor, house, monkeypatch):
    monkeypatch.setattr(house, "draw_receipt", lambda: 1 / 0)
    page = visitor.report(what="x")
    assert page.status == 500
    assert "tel:129" in page.html
    assert "ZeroDivision" not in page.html


class TestBounded:
    """The body is read before Django sees anything, and only so much of it."""

    def ask(self, *parts: bytes, most: int = 10, pause: float = 0) -> tuple[int, list[bytes]]:
        seen: list[bytes] = []
        sent: list[dict] = []

        async def app(scope, receive, send) -> None:
            seen.append((await receive())["body"])
            await send({"type": "http.response.start", "status": 200, "headers": []})

        coming = [
            {"type": "http.request", "body": part, "more_body": number < len(parts) - 1}
            for number, part in enumerate(parts)
        ]

        async def receive():
            await asyncio.sleep(pause)
            return coming.pop(0)

        async def send(message) -> None:
            sent.append(message)

        asyncio.run(Bounded(app, most, 0.2)({"type": "http"}, receive, send))
        return sent[0]["status"], seen

    def test_a_whole_body_is_handed_on(self):
        assert self.ask(b"ab", b"cd", b"") == (200, [b"abcd"])

    def test_a_large_one_is_not(self):
        assert self.ask(b"abcdef", b"ghijk", b"never read") == (413, [])

    def test_a_slow_one_is_not(self):
        assert self.ask(b"a", b"b", pause=0.15) == (408, [])

    def test_few_hold_much_at_once_and_give_the_room_back(self):
        """Each large body lies in memory: a crowd of them is turned away, not taken in."""
        statuses, held = [], []

        async def app(scope, receive, send) -> None:
            held.append((await receive())["body"])
            await gate.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def larger(_: object) -> int:
            return 10

        async def one(path: str) -> None:
            async def receive():
                return {"type": "http.request", "body": b"x" * 11, "more_body": False}

            async def send(message) -> None:
                if "status" in message:
                    statuses.append(message["status"])

            await bounded({"type": "http", "path": path}, receive, send)

        async def crowd() -> None:
            nonlocal gate
            for _ in range(2):
                gate = asyncio.Event()
                some = [asyncio.create_task(one("/aduan")) for _ in range(LARGE_AT_ONCE + 3)]
                some.append(asyncio.create_task(one("/jawab/x")))
                while len(statuses) < 3:
                    await asyncio.sleep(0)
                gate.set()
                await asyncio.gather(*some)
                assert sorted(statuses) == [200] * (LARGE_AT_ONCE + 1) + [503] * 3
                assert len(held) == LARGE_AT_ONCE + 1
                statuses.clear()
                held.clear()

        gate = asyncio.Event()
        bounded = Bounded(app, 5, larger=larger)
        asyncio.run(asyncio.wait_for(crowd(), 20))
