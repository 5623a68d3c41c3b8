"""The door of a platform that was invited."""

from __future__ import annotations

import pytest

from perisai.desk.permissions import Role
from perisai.desk.summons import replies
from tests.desk.conftest import actor
from tests.desk.public.stories import TOKEN

DOOR = f"/jawab/{TOKEN}"


@pytest.fixture
def invited(visitor, story):
    return story.opened().decided().invited()


def letter(story):
    return story.house.case(story.key).summons["s-1"]


def test_the_letter_is_shown_and_looking_is_not_receiving(visitor, invited):
    for _ in range(2):
        page = visitor.get(DOOR)
    told = (
        "12/XI/2026", "PT Contoh Pesan", "GIF dalam pencarian", "Sejak kapan?", "Mengapa?",
        "Kebijakan", "Ruang Rapat 2", "Selasa, 10 November 2026", "12.00 WIB", "paling lambat",
        "Undang-Undang Nomor 35",
    )  # fmt: skip
    for each in told:
        assert each in page.text, each
    visitor.client.head(DOOR)
    assert letter(invited).acknowledged is None
    for inside in ("INTERNAL-NOTE", "INTERNAL-REASON", "AGENCY-NOTE", "WAITING-NOTE", "reviewer"):
        assert inside not in page.html


def test_received_by_a_button(visitor, invited):
    visitor.get(DOOR)
    page = visitor.send(do="received")
    assert (page.status, page.response["Location"]) == (302, DOOR)
    known = letter(invited).acknowledged
    assert known == invited.clock.now
    assert "Tercatat diterima pada" in visitor.get(DOOR).text
    assert len(visitor.page.forms) == 1
    invited.clock.on(hours=1)
    visitor.post(DOOR, {"do": "received"})
    assert letter(invited).acknowledged == known
    by = invited.house.log.stream(f"case:{invited.key}")[-1].by
    assert by == "platform:link"


def test_an_answer_and_the_page_afterwards(visitor, invited):
    visitor.get(f"/en{DOOR}")
    page = visitor.send(1, do="answer", answer="We removed it.\nSince 8 November.")
    assert page.response["Location"] == f"/en{DOOR}"
    page = visitor.get(f"/en{DOOR}")
    assert "Thank you. Your answer is on record." in page.text
    assert "We removed it." in page.text
    found = letter(invited)
    assert (len(found.answers), found.acknowledged) == (1, invited.clock.now)
    assert invited.house.case(invited.key).clocks["reply:s-1"].met
    visitor.send(do="answer", answer="One more thing.")
    assert len(letter(invited).answers) == 2


def test_an_answer_is_not_taken_twice_or_empty_or_endless(visitor, invited):
    visitor.get(DOOR)
    form = visitor.page.forms[1] | {"do": "answer", "answer": "Sudah."}
    visitor.post(DOOR, form)
    page = visitor.post(DOOR, form)
    assert (page.status, page.forms[-1]["answer"]) == (409, "Sudah.")
    assert len(letter(invited).answers) == 1
    visitor.get(DOOR)
    assert visitor.send(do="answer", answer="  ").status == 422
    page = visitor.send(do="answer", answer="é" * 50_001)
    assert (page.status, "paling banyak 50.000" in page.text) == (422, True)


def test_the_longest_answer_in_any_script_fits(visitor, invited):
    visitor.get(DOOR)
    assert visitor.send(1, do="answer", answer="\N{GOTHIC LETTER AHSA}" * 50_000).status == 302
    assert letter(invited).answers[0].text == "\N{GOTHIC LETTER AHSA}" * 50_000


@pytest.mark.parametrize("token", ["x", TOKEN[:-1], TOKEN + "x", "%00", "%ED%A0%80", "s-1"])
def test_a_wrong_link(visitor, invited, token):
    assert visitor.get(f"/jawab/{token}").status == 404
    assert visitor.post(f"/jawab/{token}", {"do": "received"}).status == 404
    assert letter(invited).acknowledged is None


def test_trying_links_is_slow(visitor, invited):
    answers = {visitor.get(f"/jawab/guess-{n}").status for n in range(300)}
    assert answers == {404}
    assert visitor.get("/jawab/guess").status == 429
    assert visitor.get(DOOR).status == 200, "who has the link is let in"


def test_the_letter_as_files(visitor, invited):
    import io

    from icalendar import Calendar
    from pypdf import PdfReader

    page = visitor.get(f"/en{DOOR}")
    (pdf, ics) = [
        told["href"] for tag, told in page.tags if told.get("href", "").startswith("/en/jawab")
    ]
    sent = visitor.client.get(pdf)
    assert sent["Content-Type"] == "application/pdf"
    assert sent["Content-Disposition"] == 'attachment; filename="s-1.pdf"'
    assert "12/XI/2026" in PdfReader(io.BytesIO(sent.content)).pages[0].extract_text()
    entry = Calendar.from_ical(visitor.client.get(ics).content)
    assert entry.events[0]["location"] == "Ruang Rapat 2"
    assert letter(invited).acknowledged is None
    for kind in ("surat.pdf", "undangan.ics"):
        assert visitor.get(f"/jawab/wrong/{kind}").status == 404


def test_an_objection_and_a_promise_come_with_an_answer(visitor, invited):
    path = f"/jawab/{TOKEN}"
    visitor.get(path)
    half = visitor.send(1, do="answer", answer="Sudah.", promise="Menyaring")
    assert half.status == 422
    assert "Isi keduanya" in half.text
    wrong = visitor.send(1, do="answer", answer="Sudah.", promise="x", promise_by="besok")
    assert wrong.status == 422
    assert "2026-11-30" in wrong.text
    visitor.get(path)
    given = {"objects": "on", "promise": "Menyaring", "promise_by": "2026-11-30"}
    assert visitor.send(1, do="answer", answer="Tidak benar.", **given).status == 302
    (answer,) = letter(invited).answers
    assert (answer.objects, answer.promise, answer.promise_by) == (True, "Menyaring", "2026-11-30")
    text = visitor.get(path).text
    assert "Anda berkeberatan." in text
    assert "Menyaring (2026-11-30)" in text
    case = invited.house.case(invited.key)
    assert case.clocks["objection:s-1"].standing(invited.clock()) == "running"
    other = actor(Role.CASE_OFFICER, "lain")
    invited.do(other, lambda c: replies.decide_objection(c, other, "s-1", "right", "ALASAN"))
    assert "ALASAN" in visitor.get(path).text
