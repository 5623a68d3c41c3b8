from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from perisai.desk import procedures
from perisai.desk.summons.letters import Letter, docx, pdf
from perisai.desk.summons.letters.findings import ages
from perisai.errors import NotYet
from perisai.settings import DeskSection
from tests.desk.letters import reading
from tests.desk.letters.sample import (
    APPROVED,
    CASE,
    DRAFT,
    HOUSE,
    MEASURE,
    NOW,
    SAMPLE,
    TOLD,
    letter,
)

INDONESIA = procedures.load("id")


def test_a_letter_of_the_case():
    made = letter()
    assert (made.number, made.draft, made.urgency) == ("012/KPA/XI/2026", False, "Segera")
    assert made.written.isoformat() == "2026-11-06T12:00:00+07:00"
    assert made.recipient == ("Pimpinan Contoh Pesan", "Jalan Contoh Nomor 2", "Jakarta 10220")
    assert made.start.isoformat() == "2026-11-10T12:00:00+07:00"
    search, file = (each.replace("\N{EN DASH}", "-") for each in made.findings)
    when = "(6 November 2026, 09.00 WIB)"
    assert search == f"Pencarian GIF “kucing” {when}, usia 6-9 tahun: 3 dari 20 hasil tidak layak."
    assert file.split("\n") == [
        f"Satu berkas dari “pencarian GIF: kucing” {when}: tidak layak bagi usia 3-12 tahun.",
        f"SHA-256 berkas: {'ab12' * 16}",
    ]
    assert made.copies == HOUSE.copies
    assert len(made.basis) == 5


def test_what_is_kept_gives_the_same_letter_and_the_same_files():
    for summons in (APPROVED, DRAFT):
        made = letter("en", summons=summons, online="", until="", reply_by="")
        again = Letter.read(json.loads(json.dumps(made.data())))
        assert again == made
        assert pdf.render(again) == pdf.render(made)
        assert docx.render(again) == docx.render(made)


def test_what_is_found_after_it_was_drafted_does_not_change_it():
    later = replace(MEASURE, words="lain", at=NOW + timedelta(minutes=1))
    grown = replace(CASE, measures=(MEASURE, later), samples=(SAMPLE, replace(SAMPLE, at=later.at)))
    assert letter(case=grown) == letter()


def test_laws_are_those_of_the_year():
    old = datetime(2017, 11, 6, 3, tzinfo=UTC)
    summons = replace(APPROVED, drafted=old, approved=old)
    basis = " ".join(letter(summons=summons).basis)
    assert "35 Tahun 2014" in basis
    assert "2024" not in basis
    assert "2025" not in basis
    for needed in ("Pasal 76", "61 Tahun 2016", "44 Tahun 2008", "Pasal 16A", "17 Tahun 2025"):
        assert needed in " ".join(letter().basis)


@pytest.mark.parametrize(
    "sealed",
    [
        replace(SAMPLE, sha256="c0de" * 16, findings=({"label": "abuse"},)),
        replace(SAMPLE, sha256="c0de" * 16, rule="abuse", findings=()),
    ],
)
def test_what_is_sealed_is_in_no_letter(sealed):
    made = letter(case=replace(CASE, samples=(sealed, SAMPLE)))
    assert "c0de" not in json.dumps(made.data())
    assert made.findings == letter().findings


def test_no_letter_leads_to_a_picture():
    linked = replace(SAMPLE, seen="https://media.contoh.id/abc/x.gif lalu lucu.gif")
    searched = replace(MEASURE, words="www.contoh.id/x kucing")
    told = json.dumps(letter(case=replace(CASE, samples=(linked,), measures=(searched,))).data())
    assert "contoh.id" not in told
    assert "lucu.gif" not in told
    assert "[alamat ada pada kami] kucing" in told


def test_evidence_shows_what_cannot_be_seen():
    disguised = replace(MEASURE, words="por\u200bno\u202e")
    assert (
        "“por[U+200B]no[U+202E]”" in letter(case=replace(CASE, measures=(disguised,))).findings[0]
    )


def test_a_file_that_was_allowed_or_not_looked_at_is_no_finding():
    for decision in ("allow", "unscreenable", "review"):
        harmless = replace(SAMPLE, decisions={"3-5": decision})
        assert letter(case=replace(CASE, samples=(harmless,), measures=())).findings == ()


def test_many_findings_are_counted():
    many = tuple(replace(MEASURE, words=str(n)) for n in range(30))
    found = letter("en", case=replace(CASE, measures=many)).findings
    assert len(found) == 7
    assert found[-1] == "The case file holds 25 more; we can go through them when we meet."


@pytest.mark.parametrize(
    ("bands", "text"),
    [
        (["6-9"], "usia 6-9 tahun"),
        (["3-5", "6-9", "13-15"], "usia 3-9 tahun dan usia 13-15 tahun"),
        (["3-5", "10-12", "16-17"], "usia 3-5 tahun, usia 10-12 tahun dan usia 16-17 tahun"),
        (["3-5", "6-9", "10-12", "13-15", "16-17"], "usia 3-17 tahun"),
        (["16-17", "adult"], "usia 16-17 tahun dan orang dewasa"),
        (["3-5", "6-9", "10-12", "13-15", "16-17", "adult"], "semua usia"),
        ([], ""),
        (["x"], ""),
    ],
)
def test_ages(bands, text):
    assert ages(bands, INDONESIA.words["id"]).replace("\N{EN DASH}", "-") == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "sedang menelaah"), (1, "satu aduan"), (9, "9 aduan")]
)
def test_how_it_began(count, text):
    case = replace(CASE, complaints=tuple(map(str, range(count))))
    assert text in reading.of_pdf(pdf.render(letter(case=case)))


def test_two_languages_in_one_draft():
    told = {"questions": {"id": ["Kapan?"], "en": ["When?"]}, "agenda": {"id": "Rapat", "en": ""}}
    assert letter("id", **told).questions == ("Kapan?",)
    assert letter("en", **told).questions == ("When?",)
    assert letter("en", **told).agenda == "Rapat"


def test_the_title_may_be_put_differently_for_the_letter():
    only_english = {"about": {"en": "GIFs in searches."}}
    assert letter("en", **only_english).title == "GIFs in searches"
    assert letter("id", **only_english).title == CASE.title
    assert letter("id", about="Lain").title == "Lain"
    assert letter("en").signer_title == "Chair"


def test_the_zone_is_that_of_the_meeting():
    made = letter(zone="Asia/Makassar", at="2026-11-10T12:00+07:00", until="")
    assert made.start.isoformat() == "2026-11-10T13:00:00+08:00"
    assert "pukul 13.00 WITA" in reading.of_pdf(pdf.render(made))
    overnight = letter("en", at="2026-11-10T23:00", until="2026-11-11T01:00")
    assert "23:00 WIB to 11 November 2026, 01:00 WIB" in reading.of_pdf(pdf.render(overnight))


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"at": ""}, "lacks: at"),
        ({"at": " "}, "lacks the day and time"),
        ({"at": "tomorrow"}, "at: write day and time"),
        ({"at": "9999-12-31T23:59-12:00"}, "at: write day and time"),
        ({"until": "2026-11-10T12:00"}, "ends before it begins"),
        ({"reply_by": "soon"}, "reply_by: write the day"),
        ({"zone": "Mars/Olympus"}, "time zone is not known"),
        ({"zone": "../../etc/passwd"}, "time zone is not known"),
        ({"urgency": "at once"}, "How urgent"),
        ({"email": "a@b\r\nATTENDEE:x"}, "e-mail address"),
        ({"email": "mailto:x"}, "e-mail address"),
        ({"agenda": "x" * 4_001}, "agenda: is longer than 4,000"),
        ({"questions": ["x" * 4_001]}, "questions: is longer"),
        ({"questions": ["x"] * 31}, "questions: more than 30"),
        ({"questions": ["x" * 4_000] * 6}, "longer than 20,000"),
        ({"address": "x\n" * 13}, "address: has more than 12 lines"),
        ({"recipient": " \u200b "}, "lacks: recipient"),
        ({"questions": ["", " "]}, "lacks: questions"),
        ({"documents": []}, "lacks: documents"),
    ],
)
def test_what_no_letter_can_be_made_of_is_not_even_a_draft(told, what):
    from perisai.desk.summons import domain
    from tests.desk.conftest import OFFICER

    confirmed = replace(CASE, claim="confirmed")
    with pytest.raises(NotYet, match=what):
        domain.draft(confirmed, OFFICER, TOLD | told)
    (fact,) = domain.draft(confirmed, OFFICER, TOLD | {"number": "1", "drafted_by": "x"})
    assert fact.data["letter"] == TOLD


ORDERS = {
    "id": "wajib harus sanksi denda memerintah perintah panggil hukum pidana blokir tuntut ancam",
    "en": "must shall penalt fine sanction order require summon court block punish threat comply",
}


@pytest.mark.parametrize("language", ["id", "en"])
def test_it_invites_and_never_orders(language):
    words = INDONESIA.words[language]
    for name, text in words.items():
        for order in ORDERS[language].split():
            assert order not in text.lower(), name
    invites = {"id": "mengundang Bapak/Ibu", "en": "glad to meet you"}[language]
    assert invites in words["invitation"]


def test_the_defaults_of_the_house_are_an_example_that_shows():
    assert "(CONTOH)" in reading.of_pdf(pdf.render(letter(house=DeskSection())))
