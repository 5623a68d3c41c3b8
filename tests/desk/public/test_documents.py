"""Documents with an answer through the one-time link: encrypted, few, small."""

from __future__ import annotations

import asyncio

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.attachments import services
from perisai.desk.attachments.limits import MOST
from perisai.desk.attachments.sniffing import PDF
from perisai.desk.body import Bounded
from perisai.desk.public import doors
from perisai.desk.public.options import LARGEST_BODY
from tests.common import screening
from tests.desk.conftest import OFFICER
from tests.desk.public.stories import TOKEN

DOOR = f"/jawab/{TOKEN}"
PAPER = b"%PDF-1.7 kebijakan konten"


@pytest.fixture
def invited(visitor, story):
    return story.opened().decided().invited()


def letter(story):
    return story.house.case(story.key).summons["s-1"]


def send(visitor, *files, path=DOOR, **more):
    """Send the answer as a browser does, with files."""
    page = visitor.get(path)
    fields = page.forms[-1] | {"do": "answer", "answer": "Terlampir."} | more
    given = [SimpleUploadedFile(name, data, "image/png") for name, data in files]
    sent = visitor.client.post(
        path, {**fields, "papers": given}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    return visitor._see(path, sent)


def test_they_are_kept_encrypted_and_named_with_the_answer(visitor, invited, chosen):
    page = send(visitor, ("../a/kebijakan <b>.pdf", PAPER), ("angka.csv", b"a,b\n1,2\n"))
    assert page.status == 302
    case = invited.house.case(invited.key)
    assert case.summons["s-1"].answers[0].files == ("b-1", "b-2")
    first, second = case.attachments.values()
    assert (first.name, first.kind, first.audience) == ("kebijakan <b>.pdf", PDF, "agencies")
    assert (second.name, first.by) == ("angka.csv", "platform:link")
    store = services.store_in(chosen)
    assert b"kebijakan konten" not in store.get(first.box)
    assert services.open_(invited.house, store, OFFICER, invited.key, "b-1")[1] == PAPER
    page = visitor.get(DOOR)
    assert "kebijakan &lt;b&gt;.pdf" in page.html
    assert "/documents/" not in page.html
    assert invited.house.rebuild(write=False) == []


def test_pictures_and_programs_are_refused_with_kind_words(visitor, invited, chosen):
    clip = screening.clip(screening.scene(2))
    for name, data in (("foto.pdf", clip), ("a.exe", b"MZ\x00"), ("kosong.txt", b"  ")):
        page = send(visitor, ("baik.pdf", PAPER), (name, data))
        assert page.status == 422
        assert f"Tidak bisa kami simpan: {name}." in page.text
        assert page.forms[-1]["answer"] == "Terlampir.", "what was typed is still there"
    assert not letter(invited).answers
    assert not invited.house.case(invited.key).attachments
    assert not (chosen.home / "attachments").exists()


def test_five_in_all_and_not_too_large(visitor, invited, limited):
    assert send(visitor, *[(f"{n}.txt", b"isi %d" % n) for n in range(4)]).status == 302
    page = send(visitor, ("5.txt", b"lima"), ("6.txt", b"enam"))
    assert (page.status, "Paling banyak 5 dokumen" in page.text) == (422, True)
    assert send(visitor, ("5.txt", b"lima")).status == 302
    assert send(visitor).status == 302, "words are taken still"
    assert len(letter(invited).files) == MOST
    assert send(visitor, *[(f"{n}.txt", b"x") for n in range(9)]).status == 400
    small = limited(attachment_bytes=20)
    page = send(small, ("a.txt", b"x" * 15), ("b.txt", b"y" * 15))
    assert (page.status, "terlalu besar" in page.text) == (422, True)
    assert send(small, ("a.txt", b"x" * (LARGEST_BODY + 100))).status == 413


def test_the_same_answer_is_not_taken_twice(visitor, invited):
    page = visitor.get(DOOR)
    fields = page.forms[-1] | {"do": "answer", "answer": "x"}
    for status in (302, 409):
        sent = visitor.client.post(
            DOOR, {**fields, "papers": SimpleUploadedFile("a.pdf", PAPER)},
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        assert sent.status_code == status
    assert len(invited.house.case(invited.key).attachments) == 1


def test_only_a_link_that_leads_somewhere_may_send_much(visitor, invited, chosen):
    def asked(path):
        return asyncio.run(doors.larger({"path": path}))

    assert asked(DOOR) == asked(f"/en{DOOR}") == chosen.desk.attachment_bytes
    others = ("/jawab/unknown", f"{DOOR}x", f"{DOOR}/surat.pdf", "/jawab/\udc80", "/aduan", "/")
    assert {asked(path) for path in others} == {0}


def test_without_a_known_link_nothing_is_parsed(visitor):
    sent = visitor.client.post(
        "/jawab/unknown", {"papers": SimpleUploadedFile("a.pdf", PAPER)},
        headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert sent.status_code == 404


@pytest.mark.parametrize(("more", "status"), [(6, 200), (5, 413), (0, 413)])
def test_who_may_send_more_is_asked_once_and_before_more_is_held(more, status):
    coming = [{"body": b"12345", "more_body": True}, {"body": b"67890", "more_body": True}]
    coming += [{"body": b"1", "more_body": False}]
    asked, sent, seen = [], [], []

    async def app(scope, receive, send):
        seen.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def larger(scope):
        asked.append(len(coming))
        return more

    async def receive():
        return {"type": "http.request", **coming.pop(0)}

    async def send(message):
        sent.append(message)

    asyncio.run(Bounded(app, 5, larger=larger)({"type": "http"}, receive, send))
    assert sent[0]["status"] == status
    assert asked == [1], "when the first byte too many has come"
    assert seen == ([b"12345678901"] if status == 200 else [])
