"""A request goes to its agency with a one-time link, and is answered without an account."""

from __future__ import annotations

import hashlib
import re

from perisai.desk.cases.models import DoorRow
from perisai.desk.outbox import contents
from perisai.desk.outbox.models import MessageRow
from perisai.desk.outbox.services import message
from perisai.desk.permissions import Role
from perisai.desk.public.views import asked
from tests.desk.improvements.links import ASKED, PAPER, answer, known, outside, sent
from tests.desk.web import stories


def test_read_and_answered_with_a_document_and_shown_to_the_officer(desk, case, link, officer):
    token = link.rpartition("/")[2]
    facts = desk.house.log.stream(f"case:{case}")
    assert token not in str([fact.data for fact in facts]), "only its digest is kept"
    assert DoorRow.objects.get().door == hashlib.sha256(token.encode()).hexdigest()
    with outside(desk) as visitor:
        for language, told in (("", "1 Desember 2026"), ("/en", "1 December 2026")):
            page = visitor.get(f"{language}{link}")
            assert told in page.text
            assert "Kementerian &lt;b&gt;" in page.html
        assert "kami baca pedomannya" in page.text
        assert known(desk, case).answers == (), "looking changes nothing"
        assert answer(visitor, link, files=[("pedoman.pdf", PAPER)]).status == 302
        page = visitor.get(link)
        assert "Terima kasih" in page.text
        assert "pedoman.pdf" in page.text
    found = known(desk, case)
    assert (found.standing, found.answers[0].by, found.answers[0].files) == (
        "answered", "ministry:link", ("b-1",),
    )  # fmt: skip
    assert "Terbit 18 November." in officer.text(f"/cases/{case}")
    row = MessageRow.objects.get()
    assert row.acknowledged, "who answers has it: nothing is red any more"
    assert message(desk.house, row.id).how == "link"
    assert "sudah dijawab, perlu dinilai" in officer.text("/")
    assert officer.send(f"/cases/{case}", "/documents/b-1").content == PAPER
    assert desk.house.rebuild(write=False) == []
    DoorRow.objects.all().delete()
    desk.house.rebuild(write=True)
    assert DoorRow.objects.get().item == "i-1"


def test_not_before_somebody_else_agreed_and_only_once(desk, case, officer, commissioner, staff):
    body = officer.get(f"/cases/{case}").content.decode()
    assert "/i-1/send" not in body
    send = f"/cases/{case}/improvements/i-1/send"
    seen = desk.house.case(case).position
    assert officer.post(send, how="x", seen=seen).status_code == 422
    assert commissioner.send(f"/cases/{case}", "/i-1/agree").status_code == 302
    assert staff(Role.MINISTRY).post(send, how="x", seen=seen).status_code == 403
    assert officer.post(send, how="x", seen=seen).status_code == 409, "it was agreed to since"
    sent(officer, case)
    seen = desk.house.case(case).position
    assert officer.post(send, how="x", seen=seen).status_code == 422
    assert DoorRow.objects.count() == 1


def test_by_hand_or_by_mail(desk, case, link, officer, commissioner):
    by_hand = MessageRow.objects.get()
    assert (by_hand.channel, by_hand.kind, by_hand.receiver) == (
        "hand", "request", "Kementerian <b>",
    )  # fmt: skip
    assert officer.send(f"/cases/{case}", "/improvements", **ASKED).status_code == 302
    assert commissioner.send(f"/cases/{case}", "/i-2/agree").status_code == 302
    page = officer.send(
        f"/cases/{case}", "/i-2/send", how="surel", email="pengaduan@kementerian.example"
    )
    second = re.search(r"http://\S+/jawab/[\w-]+", page.content.decode())[0]
    row = MessageRow.objects.get(channel="email")
    put = message(desk.house, row.id)
    assert put.address == "pengaduan@kementerian.example"
    secret = desk.house.people.open(put.secret)
    made = contents.make(desk.settings, desk.house, put, secret)
    assert second in made.text
    assert "Pedoman penyaringan\nuntuk platform" in made.text
    assert "1 Desember 2026" in made.text
    assert "1 December 2026" in made.text
    assert "permintaan perbaikan" in officer.text("/outbox")


def test_not_twice_not_empty_not_after_it_was_judged(desk, case, link, officer):
    with outside(desk) as visitor:
        form = visitor.get(link).forms[-1] | {"do": "answer", "answer": "Sudah."}
        assert visitor.post(link, form).status == 302
        page = visitor.post(link, form)
        assert (page.status, page.forms[-1]["answer"]) == (409, "Sudah.")
        assert answer(visitor, link, " ").status == 422
        assert answer(visitor, link, "x" * 20_001).status == 422
        page = answer(visitor, link, files=[("a.gif", stories.gif().read())])
        assert (page.status, "Tidak bisa kami simpan: a.gif" in page.text) == (422, True)
        many = [(f"{n}.txt", b"x%d" % n) for n in range(5)]
        assert answer(visitor, link, files=many).status == 302
        page = answer(visitor, link, files=many[:1])
        assert (page.status, "Paling banyak 5" in page.text) == (422, True)
        fields = visitor.get(link).forms[-1] | {"do": "answer", "answer": "Lagi."}
    said = {"outcome": "kept", "before": "tidak ada", "after": "terbit"}
    assert officer.send(f"/cases/{case}", "/i-1/judge", **said).status_code == 302
    with outside(desk) as visitor:
        page = visitor.get(link)
        assert "sudah dinilai" in page.text
        assert "papers" not in page.html
        assert visitor.post(link, fields).status == 422
    assert len(known(desk, case).answers) == 2


def test_it_is_not_found_by_trying_and_leads_to_no_letter(desk, case, link, monkeypatch):
    with outside(desk) as visitor:
        for wrong in (f"{link}x", link[:-1], "/jawab/i-1"):
            assert visitor.get(wrong).status == 404
        for file in ("surat.pdf", "surat.docx", "undangan.ics"):
            assert visitor.get(f"{link}/{file}").status == 404
        monkeypatch.setattr(asked, "ANSWERS_PER_HOUR", 1)
        assert answer(visitor, link).status == 302
        assert answer(visitor, link).status == 429
