"""What is made known, and what is not."""

from __future__ import annotations

import json

import pytest

from perisai.desk.results import domain as results
from tests.desk.conftest import COMMISSIONER, INTAKE, OFFICER, REVIEWER

INSIDE = (
    "INTERNAL", "AGENCY", "WAITING", "SECRET-WORDS", "on-a-list", "ab" * 8, "12/XI", "Ruang Rapat",
    "REPORTER", *(each.by for each in (INTAKE, REVIEWER, OFFICER, COMMISSIONER)),
)  # fmt: skip


@pytest.fixture
def published(visitor, house, story):
    made = house.receive(
        {"app": "REPORTER-APP", "what": "REPORTER-TEXT", "link": "https://REPORTER.example/"},
        reporter="REPORTER-NAME",
    )
    return story.opened(made.id).decided().invited().answered().published()


def everywhere(key: str) -> list[str]:
    data = ["/hasil.json", f"/hasil/{key}.json"]
    return ["/hasil", "/en/hasil", f"/hasil/{key}", f"/en/hasil/{key}", *data]


def test_nothing_internal_leaks(visitor, published):
    for path in everywhere(published.key):
        page = visitor.get(path)
        assert page.status == 200
        assert "GIF di pencarian" in page.html
        for each in INSIDE:
            assert each not in page.html, (path, each)


def test_a_published_case_tells_its_way(visitor, published):
    text = visitor.get(f"/hasil/{published.key}").text
    told = (
        "GIF di pencarian", "Contoh Pesan", "Benar", "Dijanjikan paling lambat 10 November 2026",
        "Ditepati", "Pencarian sudah bersih.", "6-9 tahun", "25%", "0%", "5 dari 20", "0 dari 20",
        "Kasus dibuka", "Catatan : Kami meminta penjelasan.", "Diperiksa oleh orang: benar",
        "Perusahaan diundang", "Perusahaan menjawab", "Hasil diumumkan",
    )  # fmt: skip
    for each in told:
        assert each.replace(" :", ":") in text.replace(" :", ":"), each
    assert "The search is clean now." in visitor.get(f"/en/hasil/{published.key}").text
    steps = ["Kasus dibuka", "Diperiksa oleh orang", "Perusahaan diundang", "Perusahaan menjawab"]
    places = [text.index(each) for each in steps]
    assert places == sorted(places)


def test_a_broken_promise_is_told(visitor, house, story):
    story.opened(days=1).decided("not-confirmed")
    story.clock.on(days=2)
    story.published()
    text = visitor.get(f"/hasil/{story.key}").text
    assert "Terlambat" in text
    assert "Tidak terbukti" in text
    assert visitor.get(f"/hasil/{story.key}.json").response.json()["kept"] is False


def test_what_is_not_published_is_not_there(visitor, story):
    story.opened().decided().invited().answered()
    story.do(OFFICER, lambda c: results.draft(c, OFFICER, {"id": "DRAFT", "en": "DRAFT"}))
    story.do(COMMISSIONER, lambda c: results.approve(c, COMMISSIONER))
    for suffix in ("", ".json"):
        hidden = visitor.get(f"/hasil/{story.key}{suffix}")
        unknown = visitor.get(f"/hasil/K-2026-9999{suffix}")
        assert hidden.status == unknown.status == 404
        assert hidden.html == unknown.html.replace("K-2026-9999", story.key)
    assert story.key not in visitor.get("/hasil").html
    assert visitor.get("/hasil.json").response.json() == {"results": [], "next": None}
    assert "Belum ada hasil" in visitor.get("/hasil").text


@pytest.mark.parametrize("key", ["K-2026-0001%0A", "K-2026-1", "..%2f", "K-2026-0001'--", "%00"])
def test_what_is_no_number_of_a_case(visitor, published, key):
    assert visitor.get(f"/hasil/{key}").status == 404


def test_the_same_for_programs(visitor, published):
    response = visitor.get("/hasil.json").response
    assert response["Access-Control-Allow-Origin"] == "*"
    (listed,) = json.loads(response.content)["results"]
    one = visitor.get(listed["href"]).response.json()
    assert (one["id"], one["finding"], one["kept"], one["complaints"]) == (
        published.key, "confirmed", True, 1,
    )  # fmt: skip
    assert one["result"] == {"id": "Pencarian sudah bersih.", "en": "The search is clean now."}
    first, second = one["measured"]
    assert (first["age"], first["before"]["unfit"], first["after"]["unfit"]) == ("6-9", 5, 0)
    assert (second["before"]["of"], second["after"]) == (20, None)
    assert {each["event"] for each in one["timeline"]} == {
        "opened", "confirmed", "invited", "acknowledged", "answered", "measured", "note",
        "published",
    }  # fmt: skip


def test_the_list_has_pages(visitor, house, story):
    for _ in range(52):
        story.opened()
    from perisai.desk.cases.models import CaseRow

    table = CaseRow.objects.using(house.log.alias)
    table.update(published=story.clock.now, claim="unclear")
    assert visitor.get("/hasil").html.count("<h2>") == 50
    assert "?page=2" in visitor.page.html
    assert visitor.get("/hasil?page=2").html.count("<h2>") == 2
    data = visitor.get("/hasil.json").response.json()
    assert data["next"] == "/hasil.json?page=2"
    for wrong in ("0", "-1", "x", "9" * 50, "½", "1e3", "\0"):
        assert visitor.client.get("/hasil", {"page": wrong}).status_code == 200
