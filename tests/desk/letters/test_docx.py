from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace

import docx as word
import pytest
from docx.oxml.ns import qn
from lxml import etree

from perisai.desk.summons.letters import docx, sheet
from tests.desk.letters.hostile import HOSTILE, UNSEEN
from tests.desk.letters.reading import of_docx
from tests.desk.letters.sample import CASE, DRAFT, HOUSE, MEASURE, letter


def opened(made):
    return word.Document(io.BytesIO(made))


def test_the_same_content_as_the_pdf():
    for language in ("id", "en"):
        made = letter(language)
        text = of_docx(docx.render(made))
        laid = sheet.laid_out(made)
        for part in laid["parts"]:
            assert part["title"] in text
            for item in part["items"]:
                assert item in text
        for label, value in (*laid["references"], *laid["meeting"]):
            assert f"{label}\t:\t{value}" in text
        for each in (
            *laid["recipient"], *laid["opening"], *laid["closing"], *laid["copies"],
            *laid["letterhead"], laid["house"].upper(), laid["greeting"], laid["place_date"],
            laid["farewell"], laid["signer_name"], laid["signer_title"],
        ):  # fmt: skip
            assert each in text


def test_real_styles_and_lists_that_word_numbers():
    document = opened(docx.render(letter()))
    by_style: dict[str, list[str]] = {}
    for each in document.paragraphs:
        by_style.setdefault(each.style.name, []).append(each.text)
    assert by_style["Title"] == ["KOMISI PERLINDUNGAN ANAK CONTOH"]
    assert by_style["Heading 2"] == [
        "Temuan kami", "Hal yang ingin kami tanyakan", "Dokumen yang mohon dibawa", "Dasar",
    ]  # fmt: skip
    assert by_style["List Number"][2:6] == ["Sejak kapan?", "Berapa kali?", "Kebijakan", "Catatan"]
    numbers = [
        each.paragraph_format.element.pPr.numPr.numId.val
        for each in document.paragraphs
        if each.style.name == "List Number"
    ]
    assert len(set(numbers)) == 5  # each list begins anew
    numbering = document.part.numbering_part.element
    forms = {
        each.get(qn("w:abstractNumId")): each.find(f".//{qn('w:numFmt')}").get(qn("w:val"))
        for each in numbering.findall(qn("w:abstractNum"))
    }
    lists = {each.numId: str(each.abstractNumId.val) for each in numbering.num_lst}
    assert [forms[lists[n]] for n in dict.fromkeys(numbers)] == [
        "decimal", "decimal", "lowerLetter", "lowerLetter", "decimal",
    ]  # fmt: skip
    tags = [each.tag for each in numbering]
    assert tags == sorted(tags, key=lambda tag: tag != qn("w:abstractNum"))


def test_borders_stand_where_the_format_wants_them():
    document = opened(docx.render(letter()))
    (border,) = document.element.iter(qn("w:pBdr"))
    following = {each.tag for each in border.itersiblings()}
    assert qn("w:spacing") in following
    assert not following & {qn("w:pStyle"), qn("w:keepNext"), qn("w:numPr")}


def test_the_spelling_checker_knows_the_language():
    for language, tag in (("id", "id-ID"), ("en", "en-GB")):
        document = opened(docx.render(letter(language)))
        said = document.styles["Normal"].element.rPr.find(qn("w:lang"))
        assert said.get(qn("w:val")) == tag
        assert document.core_properties.language == tag


def test_a_draft_is_marked_on_every_page():
    section = opened(docx.render(letter(summons=DRAFT))).sections[0]
    for header in (section.first_page_header, section.header):
        assert header.paragraphs[0].text == "RANCANGAN"
    section = opened(docx.render(letter())).sections[0]
    assert not section.header.paragraphs[0].text
    assert "belum disetujui" in of_docx(docx.render(letter(summons=DRAFT)))


def test_page_numbers_from_the_second_page():
    section = opened(docx.render(letter("en"))).sections[0]
    assert section.different_first_page_header_footer
    assert not section.first_page_footer.paragraphs[0].text
    footer = section.footer.paragraphs[0]._p
    fields = [each.get(qn("w:instr")) for each in footer.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert "".join(each.text for each in footer.iter(qn("w:t"))) == "Page 1 of 1"


def test_the_same_letter_gives_the_same_bytes():
    first = docx.render(letter())
    time.sleep(2.1)  # archives count in steps of two seconds
    assert docx.render(letter()) == first
    assert docx.render(letter(agenda="lain")) != first


def test_no_picture_and_no_link():
    with zipfile.ZipFile(io.BytesIO(docx.render(letter()))) as parts:
        for name in parts.namelist():
            assert not name.endswith((".jpeg", ".jpg", ".png", ".gif", ".wmf"))
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in parts.read(name)


@pytest.mark.parametrize("text", [*HOSTILE, "x" * 4_000])
def test_no_text_is_more_than_text(text):
    told = dict.fromkeys(("recipient", "agenda", "place", "online", "subject", "contact"), text)
    told |= {"questions": [text], "documents": [text], "copies": [text], "attachments": text}
    house = HOUSE.model_copy(update={"city": text, "signer_name": text, "letterhead": (text,)})
    case = replace(CASE, platform=text, measures=(replace(MEASURE, band=text),))
    made = docx.render(letter(house=house, case=case, **told))
    assert of_docx(made).count(text) >= 12
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        known = etree.fromstring(parts.read("word/document.xml"))
        fields = {each.tag for each in known.iter()} & {qn("w:instrText"), qn("w:fldSimple")}
        assert not fields


@pytest.mark.parametrize(("text", "seen"), UNSEEN.items())
def test_what_cannot_be_seen_is_not_there(text, seen):
    lines = of_docx(docx.render(letter(questions=[text]))).split("\n")
    assert seen in lines


def test_emoji_stay_as_they_are():
    searched = replace(CASE, measures=(replace(MEASURE, words="🍑漢"),))
    assert "“🍑漢”" in of_docx(docx.render(letter(case=searched)))


def test_empty_lists_leave_no_headings():
    bare = replace(CASE, samples=(), measures=())
    house = HOUSE.model_copy(update={"copies": (), "letterhead": ()})
    made = letter(case=bare, house=house, questions=[], documents=[], address="", reply_by="")
    text = of_docx(docx.render(replace(made, basis=(), recipient=())))
    for heading in ("Temuan", "tanyakan", "dibawa", "Dasar", "Tembusan"):
        assert heading not in text
