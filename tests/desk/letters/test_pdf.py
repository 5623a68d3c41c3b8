from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from perisai.desk.summons.letters import pdf
from tests.desk.letters.hostile import HOSTILE, UNSEEN
from tests.desk.letters.reading import of_pdf, pages, squeezed
from tests.desk.letters.sample import CASE, DRAFT, HOUSE, MEASURE, letter

SECRET = "root:"


def test_the_official_form():
    text = of_pdf(pdf.render(letter()))
    order = [
        "KOMISI PERLINDUNGAN ANAK CONTOH", "Jalan Contoh Nomor 1", "Nomor", ": 012/KPA/XI/2026",
        "Sifat", ": Segera", "Lampiran", "Hal", ": Undangan klarifikasi",
        "Jakarta, 6 November 2026", "Yth. Pimpinan Contoh Pesan", "Dengan hormat,", "mengundang",
        "Selasa, 10 November 2026", "pukul 12.00 WIB sampai 14.00 WIB", "Kantor", "Temuan kami",
        "1. Pencarian", "tanyakan", "1. Sejak kapan?", "2. Berapa kali?", "dibawa",
        "a. Kebijakan", "b. Catatan", "Dasar", "a. Undang-Undang", "sedapatnya sampai 9 November",
        "terima kasih", "Ketua,", "Dr. Sri Contoh", "Tembusan", "1. Menteri",
    ]  # fmt: skip
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "RANCANGAN" not in text
    assert "Halaman" not in text


def test_english_is_a_letter_of_its_own():
    text = of_pdf(pdf.render(letter("en")))
    for each in (
        "Our reference", "Urgent", "Dear Sir or Madam,", "3 complaints",
        "Tuesday, 10 November 2026", "12:00 WIB to 14:00 WIB", "3 of 20 results",
        "ages 3\N{EN DASH}12", "Law Number 35 of 2014", "Yours faithfully,", "Copies to",
    ):  # fmt: skip
        assert each in text
    for indonesian in ("Yth", "Dasar", "hormat", "Undang", "pukul", "tahun"):
        assert indonesian not in text


@pytest.mark.parametrize(("language", "mark"), [("id", "RANCANGAN"), ("en", "DRAFT")])
def test_a_draft_is_marked_on_every_page(language, mark):
    made = pdf.render(letter(language, summons=DRAFT, questions=["Mengapa? " * 50] * 10))
    for page in PdfReader(io.BytesIO(made)).pages:
        assert mark in page.extract_text()
    assert pages(made) > 1
    assert "012/KPA" not in of_pdf(made)


def test_the_same_letter_gives_the_same_bytes():
    first, second = (hashlib.sha256(pdf.render(letter())).hexdigest() for _ in range(2))
    assert first == second
    assert pdf.render(letter(agenda="lain")) != pdf.render(letter())


def test_one_page_where_possible_and_numbers_where_not():
    assert pages(pdf.render(letter())) == 1
    made = pdf.render(letter(questions=["Mengapa? " * 50] * 10))
    last = PdfReader(io.BytesIO(made)).pages[-1].extract_text()
    assert f"Halaman {pages(made)} dari {pages(made)}" in last
    # The closing words stay with the signature.
    assert "terima kasih" in " ".join(last.split())
    assert "Dr. Sri Contoh" in last


def test_for_the_archive_and_for_screen_readers():
    reader = PdfReader(io.BytesIO(pdf.render(letter("en"))))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "en"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Invitation to clarify 012/KPA/XI/2026"
    assert reader.metadata.author == HOUSE.name
    about = catalogue["/Metadata"].get_data().decode()
    assert "pdfaid:part>2<" in about.replace(" ", "")
    assert "pdfuaid:part>1<" in about.replace(" ", "")
    assert not reader.attachments
    for page in reader.pages:
        assert not page.images
        assert "/Annots" not in page  # no link leads anywhere


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_more_than_text(text):
    told = dict.fromkeys(("recipient", "agenda", "place", "online", "subject", "contact"), text)
    told |= {"questions": [text], "documents": [text], "copies": [text], "attachments": text}
    house = HOUSE.model_copy(update={"name": f"x {text}", "city": text, "signer_name": text})
    case = replace(CASE, title=text, platform=text, measures=(replace(MEASURE, band=text),))
    found = of_pdf(pdf.render(letter(house=house, case=case, **told)))
    if text.isascii():
        assert squeezed(found).count(squeezed(text)) >= 12
    assert SECRET not in found


@pytest.mark.parametrize(("text", "seen"), UNSEEN.items())
def test_what_cannot_be_seen_is_not_there(text, seen):
    found = of_pdf(pdf.render(letter(agenda=text, questions=[text])))
    assert f"1. {seen} " in found
    assert text not in found


def test_a_character_that_no_font_has_is_spelt():
    found = of_pdf(
        pdf.render(letter(case=replace(CASE, measures=(replace(MEASURE, words="🍑漢"),))))
    )
    assert "“[U+1F351 PEACH][U+6F22 CJK UNIFIED IDEOGRAPH-6F22]”" in found
    mixed = of_pdf(pdf.render(letter(agenda="a\u0301\u05b0\u0e49 \u0f40\u0f71\u0f74 x")))
    assert "[U+0F40 TIBETAN LETTER KA]" in mixed


@pytest.mark.parametrize("char", ["W", "i", "(", "-", "/", "\u0645", "漢"])
def test_a_line_without_spaces_stays_on_the_sheet(char):
    text = char * (100 if char == "漢" else 4_000)
    made = letter(agenda=text, questions=[text])
    for each in pdf.pictures(made, 30):
        page = Image.open(io.BytesIO(each)).convert("L")
        margin = int(page.width * 20 / 210)  # it is 22 mm wide
        right = page.crop((page.width - margin, 0, page.width, page.height))
        assert right.getextrema() == (255, 255)
    if char.isascii():
        assert squeezed(of_pdf(pdf.render(made))).count(char) >= 2 * 4_000


def test_nothing_runs_off_the_foot_of_a_page():
    long = "Mohon hubungi " * 250
    made = letter(contact=long, agenda=long, copies=["Menteri " * 20] * 30, place="P\n" * 90)
    for each in pdf.pictures(made, 30):
        page = Image.open(io.BytesIO(each)).convert("L")
        foot = page.crop((0, page.height - int(page.height * 6 / 297), page.width, page.height))
        assert foot.getextrema() == (255, 255)


def test_empty_lists_leave_no_headings():
    bare = replace(CASE, samples=(), measures=())
    house = HOUSE.model_copy(update={"copies": (), "letterhead": ()})
    made = letter(case=bare, house=house, questions=[], documents=[], address="", reply_by="")
    found = of_pdf(pdf.render(replace(made, basis=(), recipient=())))
    for heading in ("Temuan", "tanyakan", "dibawa", "Dasar", "Tembusan"):
        assert heading not in found


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=60), st.lists(st.text(st.characters(), max_size=30)))
def test_any_text_makes_a_letter(text, items):
    assert pages(pdf.render(letter(agenda=text, place=text, questions=items[:9]))) >= 1


def test_pictures_are_of_each_page():
    assert [each[:4] for each in pdf.pictures(letter(), 40)] == [b"\x89PNG"]
