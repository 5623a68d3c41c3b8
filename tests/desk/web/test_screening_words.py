"""What screening says in English is said in Indonesian on an Indonesian page, old facts too."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

import perisai
from perisai import Screener, errors
from perisai.desk.web.screening_words import (
    BETWEEN,
    DETAILS,
    REASONS,
    detail_in_indonesian,
    reason_in_indonesian,
)
from perisai.matching.digests import digest
from perisai.matching.lists import ListStore, entries_of
from perisai.matching.lists.model import Kind
from perisai.matching.variants import list_hashes
from perisai.media.sniff import _OTHERS
from perisai.screening.fingerprint import fingerprint_file
from perisai.terms import Label
from tests.common import drawn, screening, writers
from tests.desk.test_refusals import pattern
from tests.desk.web import stories

CORE = Path(perisai.__file__).parent
OF_A_FILE = (
    "media", "screening/evidence.py", "screening/reading.py", "models/registry.py",
    "matching/lists/matcher.py", "matching/lists/shelves.py", "matching/lists/schema.py",
)  # fmt: skip
"""Where what is raised becomes the reason why one file could not be screened."""
RAISED = frozenset(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type)
    and issubclass(kind, (errors.MediaError, errors.ModelError, errors.MatchingError))
)
ELSEWHERE = {
    "The {} file could not be decoded ({}); get a whole copy.",  # of "The {} could not be decoded"
    "model {}: inference failed: {}",
    "model {}: views of {} do not fit its input",
    "{}: {}. Delete the index folder and let it be rebuilt from the lists.",
}
"""Reasons that are not found as they stand: their files say more than what concerns one file."""
FILLED_IN = {"_unlike", "_disordered", "_description", "_no_file"}
"""Functions of the core that make a part of a reason, of what they are given or return."""


def trees(*places):
    for place in places:
        found = CORE / place
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            yield ast.parse(path.read_text(encoding="utf-8"))


def texts(node):
    """What an expression may be, as far as it is written there."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return {pattern(node)} - {None}


def reasons():
    """Every shape of a reason, with {} where something is filled in."""
    found = {name for _, name in _OTHERS}
    for tree in trees(*OF_A_FILE):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in RAISED or name in FILLED_IN:
                    found |= texts(node.args[0])
            elif isinstance(node, ast.FunctionDef) and node.name in FILLED_IN:
                for each in ast.walk(node):
                    found |= texts(each.value) if isinstance(each, ast.Return) else set()
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
                "text", "formats",
            ):  # fmt: skip
                found |= texts(node.value)
    return {each for each in found if " " in each}


def said_in_findings():
    """The texts of the module that makes findings, without what explains them."""
    (tree,) = trees("screening/findings.py")
    explaining = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node) if part is not node
    }  # fmt: skip
    nodes = (node for node in ast.walk(tree) if id(node) not in explaining | parts)
    return {text for node in nodes for text in texts(node) if " " in text} - {BETWEEN}


def test_every_reason_has_words_and_no_word_is_left_over():
    assert sorted(reasons() - REASONS.known()) == []
    assert sorted(REASONS.known() - reasons()) == sorted(ELSEWHERE)


def test_every_detail_has_words():
    assert len(said_in_findings()) >= 5
    assert sorted(said_in_findings() - DETAILS.known()) == []


def test_every_form_of_a_listed_picture_has_a_name():
    framed = ImageOps.expand(drawn.stand_in(1, 240, 180), 30, "white")
    names = {name for name, _ in list_hashes(np.asarray(framed))}
    assert any(name.startswith("without border, ") for name in names)
    for name in names:
        told = detail_in_indonesian(f"4 of 256 bits apart ({name})")
        assert told.startswith("berbeda 4 dari 256 bit ("), name
        assert not {"cut", "by", "without", "whole", "inner"} & set(told.split("(")[1].split()), (
            told
        )


def test_what_lists_and_models_say_of_drawn_stand_ins(tmp_path):
    """A real screening: nothing of what it says stays as it is."""
    chosen = screening.settings(tmp_path)
    listed = [drawn.stand_in(n, 160, 120) for n in range(20, 26)]
    clip, still = writers.gif(listed, 200), drawn.stand_in(1, 240, 180)
    (tmp_path / "clip.gif").write_bytes(clip)
    known = entries_of(fingerprint_file(tmp_path / "clip.gif", chosen))
    store = ListStore(chosen.home)
    store.create("clips", source="tests", label=Label.LISTED)
    store.add("clips", [each for each in known if each.kind is Kind.CLIP])
    screening.create_list(chosen.home, "files", sha256=digest(clip).sha256)
    screening.create_list(chosen.home, "pictures", [still])
    glass = Image.new("RGBA", (240, 180))
    glass.paste(still.crop((12, 9, 228, 171)).convert("RGBA"), (12, 9))
    with Screener(chosen) as screener:
        results = [screener.screen(each) for each in (clip, writers.still(glass, "PNG"))]
    details = {f.detail for result in results for f in result.findings if f.detail}
    assert len(details) >= 3
    for each in details:
        told = detail_in_indonesian(each).split(BETWEEN)
        assert not set(told) & set(each.split(BETWEEN)), each


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("22 of 256 bits apart (inner 85.0%); on a dark background",
         "berbeda 22 dari 256 bit (85,0% bagian tengah); di latar gelap"),
        ("the file's sha256", "SHA-256 berkas ini"),
        ("100% of the listed clip, 40% of it in order",
         "100% dari klip di daftar, 40% di antaranya berurutan"),
        ("FACE 0.80 at 25% 50% to 75% 100%; ARM 0.30 at 0% 0% to 10% 10%",
         "FACE 0,80 di 25% 50% sampai 75% 100%; ARM 0,30 di 0% 0% sampai 10% 10%"),
        ("something older", "something older"),
        ("", ""),
    ],
)  # fmt: skip
def test_details(english, indonesian):
    assert detail_in_indonesian(english) == indonesian


LARGE = (
    "The file has 1,234,567 bytes; the limit is 1,000,000. Raise max_bytes in the media settings "
    "if such files are wanted."
)
DAMAGED = (
    "The PNG looks different in different viewers: its tRNS chunk is damaged. Save it anew with an "
    "image editor."
)


def test_what_a_reason_fills_in_is_said_too():
    assert reason_in_indonesian(LARGE).startswith("Berkas ini 1.234.567 byte; batasnya 1.000.000.")
    assert "berbeda: potongan tRNS di dalamnya rusak." in reason_in_indonesian(DAMAGED)


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        ("The gif file could not be decoded (broken {0} data); get a whole copy.",
         "Berkas gif ini tidak dapat diurai (broken {0} data); cari salinan yang utuh."),
        ("the decoder was killed (signal 9, SIGKILL); the file is withheld",
         "pengurai dihentikan paksa (signal 9, SIGKILL); berkas ditahan"),
        ("Something that was said long ago.", "Something that was said long ago."),
        ("", ""),
    ],
)  # fmt: skip
def test_reasons(english, indonesian):
    assert reason_in_indonesian(english) == indonesian


@pytest.fixture(scope="module")
def screener(tmp_path_factory):
    with Screener(screening.settings(tmp_path_factory.mktemp("words"))) as opened:
        yield opened


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7\n", b"PK\x03\x04" + bytes(40),
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", bytes(range(32, 127)),
        b"GIF89a", b"GIF89a and nothing more", b"\xff\xd8\xff\xe0" + bytes(40),
        b"RIFF\x20\x00\x00\x00WEBPVP8 " + bytes(40), b"\x89PNG\r\n\x1a\n",
        writers.still(drawn.stand_in(1), "PNG")[:60],
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", b"\x1a\x45\xdf\xa3" + bytes(40),
    ],
)  # fmt: skip
def test_files_that_cannot_be_screened(screener, data):
    reason = screener.screen(data).error.message
    told = reason_in_indonesian(reason)
    assert told != reason
    outside = told.partition(" (")[0] + told.rpartition(")")[2]
    assert not {"The", "the", "file", "of", "and", "This"} & set(outside.split()), told


def test_a_page_says_it_in_its_own_language(intake, reviewer, desk, monkeypatch):
    from django.core.files.uploadedfile import SimpleUploadedFile

    case = stories.opened(intake)
    broken = SimpleUploadedFile("x.gif", b"GIF89a", "image/gif")
    stories.screened(reviewer, case, file=broken)
    assert "GIF ini terputus di tajuknya; cari berkas yang utuh." in reviewer.text(f"/cases/{case}")
    found = {
        "sha256": "ab" * 32, "decisions": {}, "rules": {}, "rule": "listed", "media": "gif",
        "error": "",
        "findings": [
            {"source": "hash", "label": "listed", "score": 1.0, "frame": 0, "time_ms": 0, "by": "a",
             "detail": "22 of 256 bits apart (whole)"}
        ],
    }  # fmt: skip
    monkeypatch.setattr(desk.looking, "look", lambda *_, **__: dict(found))
    stories.screened(reviewer, case)
    page = reviewer.text(f"/cases/{case}")
    assert "berbeda 22 dari 256 bit (utuh)" in page
    assert "bits apart" not in page
    reviewer.post("/language", to="en", back="/cases")
    page = reviewer.text(f"/cases/{case}")
    assert "22 of 256 bits apart (whole)" in page
    assert "The GIF ends within its header; get the whole file." in page
