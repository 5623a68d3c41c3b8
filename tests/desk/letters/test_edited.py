"""A letter that was edited in a word processor: its number, and what is refused."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace

import pytest

from perisai.desk import procedures
from perisai.desk.summons.letters import docx, edited
from perisai.errors import NotYet
from tests.desk.letters import editing
from tests.desk.letters.sample import DRAFT, letter

WORDS = procedures.load("id").words


def draft(language="id"):
    return docx.render(letter(language, summons=DRAFT))


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_number_comes_in_and_the_draft_goes(language):
    words, given = WORDS[language], editing.edited(draft(language))
    before = editing.text(given)
    assert words["draft"] in before
    assert words["draft_note"] in before
    edited.check(given, words, ())
    made = edited.numbered(given, "012/KPA/XI/2026", words, "Komisi Contoh")
    after = editing.text(made)
    assert f"{words['number']}\t:\t012/KPA/XI/2026\t" in after
    assert words["draft"] not in after
    assert words["draft_note"] not in after
    assert editing.ADDED in after
    again = edited.numbered(given, "012/KPA/XI/2026", words, "Komisi Contoh")
    assert hashlib.sha256(again).digest() == hashlib.sha256(made).digest()


def test_the_number_comes_in_where_a_word_processor_splits_the_line():
    def split(document):
        line = next(p for p in document.paragraphs if p.text.startswith("Nomor"))
        whole = line.text
        for run in line.runs:
            run.text = ""
        for each in whole:
            line.add_run(each)

    given = editing.edited(draft(), split)
    made = edited.numbered(given, "7/X", WORDS["id"], "K")
    assert "Nomor\t:\t7/X\t" in editing.text(made)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (editing.without_place, "place of the number"),
        (editing.with_picture, "no picture"),
        (editing.tracked, "tracked changes"),
        (editing.tracked_above, "tracked changes"),
        (editing.commented, "tracked changes"),
        (editing.fetching, "from elsewhere"),
    ],
)
def test_refused_with_the_reason(change, told):
    with pytest.raises(NotYet, match=told):
        edited.check(editing.edited(draft(), change), WORDS["id"], ())


def test_what_is_no_letter_is_refused():
    for each in (b"", b"%PDF-1.7", b"PK\x03\x04 nothing", draft()[:4000], macros(draft())):
        with pytest.raises(NotYet):
            edited.check(each, WORDS["id"], ())
    with pytest.raises(NotYet, match="cannot be read"):
        edited.check(other(draft(), "word/document.xml", b"<w:broken"), WORDS["id"], ())
    with pytest.raises(NotYet, match="cannot be read"):
        edited.check(other(draft(), "word/big.xml", b" " * (65 * 1024 * 1024)), WORDS["id"], ())


def test_nothing_sealed_is_named_however_it_is_written():
    sha256 = "ab12" * 16
    assert sha256 in editing.text(draft())

    def split(document):
        line = document.add_paragraph()
        for at in range(0, 64, 7):
            line.add_run(("cd34" * 16)[at : at + 7].upper() + " ")

    given = editing.edited(draft(), split)
    for each in (sha256, "cd34" * 16):
        with pytest.raises(NotYet, match="sealed"):
            edited.check(given, WORDS["id"], {each})
    edited.check(given, WORDS["id"], {"ef" * 32})


def macros(data):
    return other(data, "word/vbaProject.bin", b"x")


def other(data, name, content):
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", 8) as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, content)
    return written.getvalue()


def test_a_letter_of_the_house_is_as_before():
    assert "012" in editing.text(docx.render(letter("id", summons=replace(DRAFT, number="012"))))
