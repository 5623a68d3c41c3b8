"""How a complaint stands, for whoever has its receipt."""

from __future__ import annotations

import statistics
import time

import pytest

from perisai.desk.complaints import domain as complaints
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.results import domain as results
from perisai.desk.summons import domain as summons
from tests.desk.conftest import INTAKE, OFFICER

WRONG = "Tidak ada laporan dengan kode ini"


@pytest.fixture
def receipt(visitor) -> str:
    return visitor.report(what="GIF yang tidak pantas", name="Ani").code


@pytest.fixture
def complaint(house, receipt):
    return house.find(Receipt(receipt))


def stands(visitor, receipt: str) -> str:
    page = visitor.post("/kode", {"code": receipt})
    assert page.status == 200
    return page.text


@pytest.mark.on_both
def test_each_station_in_plain_words(visitor, story, complaint, receipt):
    assert "Seseorang akan membacanya" in stands(visitor, receipt)
    story.opened(complaint.id)
    assert "sedang kami periksa" in stands(visitor, receipt)
    story.decided()
    assert "laporanmu benar" in stands(visitor, receipt)
    story.invited()
    assert "Kami mengundang perusahaannya" in stands(visitor, receipt)
    story.answered()
    assert "Perusahaannya sudah menjawab" in stands(visitor, receipt)
    text = stands(visitor, receipt)
    assert "belum" in text
    assert "INTERNAL" not in visitor.page.html
    assert story.key not in visitor.page.html, "the case's number is not public yet"
    story.published()
    assert "sudah diumumkan" in stands(visitor, receipt)
    assert f'href="/hasil/{story.key}"' in visitor.page.html
    assert "belum" not in stands(visitor, receipt).partition("Pesan")[0]


@pytest.mark.parametrize(
    ("outcome", "said"), [("not-confirmed", "tidak menemukan"), ("unclear", "belum jelas")]
)
def test_what_was_not_confirmed(visitor, story, complaint, receipt, outcome, said):
    story.opened(complaint.id).decided(outcome)
    assert said in stands(visitor, receipt)
    assert "Perusahaan diundang" not in visitor.page.text


def test_who_did_not_come(visitor, story, complaint, receipt):
    story.opened(complaint.id).decided().invited()
    story.do(OFFICER, lambda c: summons.missed(c, OFFICER, "s-1"))
    assert "tidak datang" in stands(visitor, receipt)


@pytest.mark.on_both
def test_messages_go_both_ways_and_lie_sealed(visitor, house, complaint, receipt):
    stands(visitor, receipt)
    page = visitor.send(message="Masih ada. Nomor saya 0812-777.", do="message")
    assert (page.status, "sudah terkirim" in page.text) == (200, True)
    sealed = house.people.seal(complaint.person, "Terima kasih, Ani.")
    house.change_complaint(complaint.id, INTAKE, lambda c: complaints.answer(c, INTAKE, sealed))
    text = stands(visitor, receipt)
    assert text.index("0812-777") < text.index("Terima kasih, Ani.")
    written = " ".join(str(fact.data) for fact in house.log.all())
    assert "0812-777" not in written
    house.people.erase(complaint.person)
    assert "(sudah dihapus)" in stands(visitor, receipt)
    assert visitor.send(message="lagi", do="message").status == 409


def test_a_message_that_is_sent_again_by_reloading_is_kept_once(visitor, house, complaint, receipt):
    stands(visitor, receipt)
    form = visitor.page.forms[0] | {"message": "sekali", "do": "message"}
    assert visitor.post("/kode", form).status == 200
    again = visitor.post("/kode", form)
    assert again.status == 409
    assert again.forms[0]["message"] == "sekali", "what was typed is kept"
    assert len(house.complaint(complaint.id).messages) == 1


def test_an_empty_message_and_one_that_is_too_long(visitor, house, complaint, receipt):
    stands(visitor, receipt)
    assert "Tulis sesuatu dulu" in visitor.send(message=" \n", do="message").text
    assert visitor.page.status == 422
    page = visitor.send(message="x" * 3001, do="message")
    assert "paling banyak 3.000" in page.text
    assert page.forms[0]["message"] == "x" * 3001
    assert house.complaint(complaint.id).messages == ()


@pytest.mark.on_both
def test_taking_it_back_is_asked_twice(visitor, house, complaint, receipt):
    stands(visitor, receipt)
    page = visitor.send(1, do="ask")
    assert "Sungguh" in page.text
    assert house.complaint(complaint.id).withdrawn is None
    kept = page.forms[0]
    page = visitor.send(do="withdraw")
    assert "sudah menarik" in page.text
    assert len(page.forms) == 1, "nothing more can be written"
    assert house.complaint(complaint.id).withdrawn
    assert "sudah menarik" in visitor.post("/kode", kept | {"do": "withdraw"}).text
    assert visitor.post("/kode", kept | {"do": "message", "message": "x"}).status == 409


def test_the_receipt_never_stands_in_an_address_or_on_the_page(visitor, receipt):
    page = visitor.post("/kode", {"code": receipt})
    shown = page.html.replace(" ", "")
    assert receipt not in shown
    assert all(action.startswith(("/kode", "/en/kode")) for action in page.actions)
    assert visitor.get(f"/kode?code={receipt}").status == 200
    assert "Kabar laporanmu" not in visitor.page.text
    assert receipt not in visitor.post("/kode", {"code": receipt[:-1]}).html


def test_a_token_ends(visitor, receipt, monkeypatch):
    stands(visitor, receipt)
    form = visitor.page.forms[0] | {"do": "look"}
    assert visitor.post("/kode", form).status == 200
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 31 * 60)
    page = visitor.post("/kode", form)
    assert (page.status, "sekali lagi" in page.text) == (422, True)
    assert visitor.post("/kode", {"token": "forged", "do": "withdraw"}).status == 422


@pytest.mark.parametrize(
    "typed", ["", "1234", "x" * 59, "1" * 17, "½" * 16, "\u0661" * 16, "\0" * 16]
)
def test_what_is_no_code(visitor, typed):
    page = visitor.post("/kode", {"code": typed})
    assert page.status == 422
    assert "16 angka. Periksa lagi" in page.text


@pytest.mark.on_both
def test_a_code_may_be_typed_with_spaces(visitor, receipt):
    assert "Kabar" in stands(visitor, "  " + " ".join(receipt[i : i + 4] for i in (0, 4, 8, 12)))


def test_wrong_receipts_get_the_same_answer(visitor, receipt):
    known = visitor.post("/kode", {"code": receipt[:6] + "0" * 10})
    unknown = visitor.post("/kode", {"code": f"{(int(receipt[:6]) + 1) % 10**6:06}" + "0" * 10})
    assert known.status == unknown.status == 422
    assert known.html == unknown.html
    assert WRONG in known.text
    assert dict(known.response.items()) == dict(unknown.response.items())


def test_wrong_receipts_take_the_same_time(limited, receipt):
    """Whether a locator exists cannot be told from how long the answer takes.

    What the processor does for it is measured, in all threads: other programs do not count.
    """
    visitor = limited(guesses_per_hour=10_000)
    codes = {
        "known": receipt[:6] + "0" * 10,
        "unknown": f"{(int(receipt[:6]) + 1) % 10**6:06}" + "0" * 10,
    }
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for round_ in range(40):
        for name in sorted(codes, reverse=bool(round_ % 2)):
            begun = time.process_time()
            assert WRONG in visitor.post("/kode", {"code": codes[name]}).text
            taken[name].append(time.process_time() - begun)
    known, unknown = (statistics.median(taken[name]) for name in codes)
    fast = min(map(min, taken.values()))
    assert fast > 0.02, "each is as slow as the slow hash"
    assert abs(known - unknown) < 0.15 * max(known, unknown), (known, unknown)


def test_guessing_is_slow_for_a_locator_and_for_a_network(limited, receipt):
    visitor = limited(guesses_per_hour=3)
    for number in range(3):
        code = receipt[:6] + f"{number:010}"
        assert visitor.post("/kode", {"code": code}).status == 422
    page = type(visitor)("203.0.113.9").post("/kode", {"code": receipt})
    assert page.status == 429, "from any network, and also for who has it"
    assert int(page.response["Retry-After"]) > 60
    unknown = f"{(int(receipt[:6]) + 1) % 10**6:06}"
    for number in range(3):
        assert visitor.post("/kode", {"code": unknown + f"{number:010}"}).status == 422
    assert visitor.post("/kode", {"code": unknown + "9" * 10}).status == 429, "exists or not"
    fresh = type(visitor)("203.0.113.10")
    tries = [fresh.post("/kode", {"code": f"{n:06}" + "0" * 10}).status for n in range(31)]
    assert tries == [422] * 30 + [429]


def test_no_address_and_no_locator_is_kept(limited, visitor, receipt):
    from django.conf import settings

    visitor.post("/kode", {"code": receipt})
    held = repr(settings.PERISAI_PUBLIC.limits._buckets)
    assert "192.0.2" not in held
    assert receipt[:6] not in held


@pytest.mark.on_both
def test_locators_are_drawn_so_that_nobody_shares_one(house, monkeypatch):
    numbers = iter([111111_0000000001, 111111_0000000002, 222222_0000000003])
    monkeypatch.setattr("secrets.randbelow", lambda most: next(numbers))
    first = house.draw_receipt()
    house.receive({"what": "x"}, receipt=first)
    assert (first.locator, house.draw_receipt().locator) == ("111111", "222222")


def test_a_result_is_linked_only_when_it_is_public(visitor, story, complaint, receipt):
    story.opened(complaint.id).decided().invited().answered()
    story.do(OFFICER, lambda c: results.draft(c, OFFICER, {"id": "DRAFT", "en": "DRAFT"}))
    text = stands(visitor, receipt)
    assert "DRAFT" not in text
    assert "/hasil/" not in visitor.page.html
