"""A complaint in three steps, as somebody fills it in."""

from __future__ import annotations

import pytest

from perisai.desk.complaints.receipts import Receipt

SAID = {
    "app": "WhatsApp", "words": "kucing lucu", "link": "https://gif.example/1", "when": "tadi pagi",
    "kind": "drawn", "child": "unsure", "what": "Kartun yang aneh & <b>jelek</b>", "age": "10-12",
    "name": "Ani", "contact": "0812-000",
}  # fmt: skip
TOLD = {name: SAID[name] for name in ("app", "words", "link", "when", "kind", "what", "age")}


@pytest.mark.parametrize("language", ["", "/en"])
def test_three_steps_a_look_and_a_receipt(visitor, house, language):
    page = visitor.report(language, **SAID)
    assert (page.status, len(page.code)) == (200, 16)
    complaint = house.find(Receipt(page.code))
    assert complaint.told == TOLD
    assert house.people.open(complaint.reporter) == "Ani\n0812-000"
    assert (complaint.source, complaint.sealed, complaint.entered_by) == ("public", None, "public:")


def test_back_and_forth_without_loss(visitor):
    visitor.get("/aduan")
    visitor.send(app="TikTok", words="x")
    visitor.send(kind="naked", what="cerita", age="3-5", go="back")
    assert visitor.page.forms[0]["app"] == "TikTok"
    visitor.send(go="next")
    form = visitor.page.forms[0]
    assert (form["kind"], form["what"], form["age"]) == ("naked", "cerita", "3-5")
    page = visitor.send(go="stay", what="lain", to="/en/aduan")
    assert 'lang="en"' in page.html
    assert page.forms[0]["what"] == "lain"
    visitor.send()
    visitor.send(name="Budi")
    for number in ("1", "2", "3"):
        visitor.send(go=number)
        assert f"Step {number} of 3" in visitor.page.text
        while "Check first" not in visitor.page.text:
            visitor.send()
    assert all(
        each in visitor.page.text for each in ("TikTok", "lain", "Naked", "Budi", "3-5 years")
    )


def test_something_to_look_for_is_needed_and_said_where(visitor):
    visitor.get("/aduan")
    visitor.send(app="WhatsApp")
    page = visitor.send(kind="naked")
    assert page.status == 422
    assert page.html.count("Kami belum tahu apa yang harus dicari") == 2
    assert 'href="#f-what"' in page.html
    assert ("textarea", "f-what_error") in [
        (
            tag,
            told.get("aria-describedby", "").split()[-1:][0]
            if told.get("aria-describedby")
            else "",
        )
        for tag, told in page.tags
    ]
    assert visitor.send(what="x").status == 200


def test_help_stands_before_every_form_and_is_never_kept_back(visitor, limited):
    for path in ("/", "/aduan", "/kode", "/banding", "/hasil", "/nothing"):
        html = visitor.get(path).html
        assert html.index("tel:129") < html.index("<main" if path != "/" else "<h1")
        assert html.index("tel:129") < (html.find("<form") if "<form" in html else len(html))
    busy = limited(complaints_per_hour_network=1)
    busy.report(what="a")
    assert "tel:129" in busy.report(what="b").html
    assert busy.get("/").status == 200


def test_nobody_is_blamed(visitor):
    assert "Kamu tidak salah" in visitor.get("/").text
    assert "not your fault" in visitor.get("/en/").text


def test_a_child_is_shown(visitor, house):
    from perisai.desk.complaints.models import ComplaintRow

    visitor.get("/aduan")
    visitor.send(words="PRIVATE-WORDS", link="https://private.example/")
    page = visitor.send(child="yes", what="itu aku")
    assert "jangan tunggu kami" in page.text, "help again, and larger, before the next step"
    assert page.html.index("tel:129") < page.html.index("<form")
    visitor.send()
    page = visitor.send(go="send")
    assert "jangan tunggu kami" in page.text
    complaint = house.find(Receipt(page.code))
    kinds = [fact.kind for fact in house.log.stream(f"complaint:{complaint.id}")]
    assert kinds == ["complaint.received", "complaint.sealed"]
    row = ComplaintRow.objects.using(house.log.alias).get(id=complaint.id)
    assert (row.sealed, row.waiting, row.app, row.summary) == (True, False, "", "")
    assert house.rebuild(write=False) == []
    page = visitor.post("/kode", {"code": page.code})
    assert "PRIVATE" not in page.html
    assert "melindungi anak" in page.text


def test_a_form_is_sent_once(visitor, house):
    visitor.get("/aduan")
    visitor.send(words="kucing")
    visitor.send()
    visitor.send()
    last = visitor.page.forms[0] | {"go": "send"}
    assert visitor.post("/aduan", last).code
    again = visitor.post("/aduan", last)
    assert (again.status, again.code) == (409, "")
    assert "sudah kami terima" in again.text
    kinds = [fact.kind for fact in house.log.all()]
    assert kinds == ["complaint.received"]


def test_too_many_are_told_to_come_back_and_lose_nothing(limited, house):
    visitor = limited(complaints_per_hour_network=2, complaints_per_hour=3)
    assert visitor.report(what="1").code
    assert visitor.report(what="2").code
    page = visitor.report(what="3")
    assert (page.status, page.code) == (429, "")
    assert int(page.response["Retry-After"]) > 60
    assert "BELUM terkirim" in page.text
    other = type(visitor)("198.51.100.1")
    other.page = page
    assert other.send(go="send").code, "what was written can be sent later, as it stands"
    assert type(visitor)("203.0.113.1").report(what="4").status == 429, "too many in all"
    assert type(visitor)("203.0.113.1").report(what="5", child="yes").code, "has room of its own"


@pytest.mark.parametrize("draft", ["", "x", "eyJhIjoxfQ:1abc:forged", "a" * 300_000])
def test_a_draft_that_is_not_ours_begins_again_with_what_was_typed(visitor, draft):
    page = visitor.post("/aduan", {"draft": draft, "step": "1", "words": "kucing"})
    assert page.status == 422
    assert page.forms[0]["words"] == "kucing"
    assert "Mulai lagi" in page.text


def test_nothing_but_what_is_asked_comes_through(visitor, house):
    visitor.get("/aduan")
    visitor.send(words="x", source="press", receipt="1", sealed="0", case="K-1", position="9")
    visitor.send(kind="made-up", age="99")
    assert visitor.page.status == 422
    visitor.send(kind="", age="")
    visitor.send()
    complaint = house.find(Receipt(visitor.send(go="send").code))
    assert complaint.told == {"words": "x"}
    assert complaint.source == "public"


def test_an_appeal_is_a_complaint_of_its_owner(visitor, house):
    visitor.get("/banding")
    assert visitor.send(item="", why="").status == 422
    assert visitor.send(go="stay", item="s", why="w", to="/en/banding").forms[0]["item"] == "s"
    page = visitor.send(item="https://gif.example/9", why="Pelajaran", contact="a@example.id")
    complaint = house.find(Receipt(page.code))
    assert complaint.source == "appeal"
    assert (complaint.told["link"], complaint.told["what"]) == (
        "https://gif.example/9",
        "Pelajaran",
    )
    assert house.people.open(complaint.reporter) == "a@example.id"


def test_leaving_clears_and_goes_elsewhere(visitor):
    response = visitor.get("/keluar").response
    assert (response.status_code, response["Location"]) == (303, "https://www.bmkg.go.id/")
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response["Cache-Control"] == "no-store"
