"""A case and a letter to try things on, made without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from perisai.desk.cases.evidence import Measure, Sample
from perisai.desk.cases.state import Case
from perisai.desk.summons.letters import Letter
from perisai.desk.summons.state import Summons
from perisai.settings import DeskSection

NOW = datetime(2026, 11, 6, 3, 0, tzinfo=UTC)
HOUSE = DeskSection(
    name="Komisi Perlindungan Anak Contoh",
    letterhead=("Jalan Contoh Nomor 1, Jakarta 10000", "Telepon (021) 555 0100"),
    signer_name="Dr. Sri Contoh",
    copies=("Menteri Komunikasi dan Digital",),
)
SAMPLE = Sample(
    "ab12" * 16,
    "pencarian GIF: kucing",
    {"3-5": "block", "6-9": "block", "10-12": "withhold", "13-15": "allow", "adult": "allow"},
    "on-a-list",
    ({"label": "listed"},),
    NOW - timedelta(hours=1),
    "reviewer:r",
)
MEASURE = Measure(
    "kucing", "6-9", 17, 3, {"explicit": 3}, NOW - timedelta(hours=1), "case-officer:o"
)
CASE = Case(
    "K-2026-0001",
    title="GIF pornografi dalam pencarian GIF",
    platform="Contoh Pesan",
    opened=NOW,
    complaints=("a-1", "a-2", "a-3"),
    samples=(SAMPLE,),
    measures=(MEASURE,),
)
TOLD = {
    "recipient": "Pimpinan Contoh Pesan",
    "address": "Jalan Contoh Nomor 2\nJakarta 10220",
    "agenda": "Klarifikasi",
    "questions": ["Sejak kapan?", "Berapa kali?"],
    "documents": ["Kebijakan", "Catatan"],
    "place": "Kantor",
    "at": "2026-11-10T12:00",
    "until": "2026-11-10T14:00",
    "urgency": "urgent",
    "reply_by": "2026-11-09",
    "email": "legal@pesan.example",
}
DRAFT = Summons("s-1", TOLD, "case-officer:o", NOW)
APPROVED = replace(
    DRAFT,
    approved_by="commissioner:c",
    approved=NOW + timedelta(hours=2),
    number="012/KPA/XI/2026",
)


def letter(language="id", *, house=HOUSE, case=CASE, summons=APPROVED, **told):
    return Letter.of(house, case, replace(summons, letter=TOLD | told), language)
