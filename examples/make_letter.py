"""Write a sample letter of invitation, in both languages, as PDF, Word document and invitation.

The case goes through the desk's own rules, without a database: measured, screened, confirmed,
drafted by one person and agreed to by another. The page as it would be printed lies beside it.

Usage: python examples/make_letter.py FOLDER
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from perisai.desk.actors import Actor
from perisai.desk.cases import domain as cases
from perisai.desk.cases.state import Case, after
from perisai.desk.permissions import Role
from perisai.desk.procedures import LANGUAGES
from perisai.desk.summons import domain as summons
from perisai.desk.summons.letters import Letter, docx, ics, pdf
from perisai.desk.summons.letters.numbers import next_number
from perisai.settings import DeskSection
from perisai.storage.facts.records import Fact

if TYPE_CHECKING:
    from perisai.storage.facts.records import NewFact

DOTS = 110
"""Dots per inch of the pictures of pages."""
START = datetime(2026, 11, 6, 2, 10, tzinfo=UTC)
OFFICER = Actor("dewi", Role.CASE_OFFICER)
REVIEWER = Actor("budi", Role.REVIEWER)
COMMISSIONER = Actor("ratna", Role.COMMISSIONER)
HOUSE = DeskSection(
    name="Komisi Perlindungan Anak Contoh",
    letterhead=("Jalan Contoh Nomor 1, Jakarta 10000", "Telepon (021) 555 0100 · komisi.example"),
    contact="Sekretariat, telepon (021) 555 0100",
    signer_name="Ratna Contoh",
)
LETTER = {
    "recipient": {"id": "Pimpinan Contoh Pesan", "en": "The Management of Contoh Pesan"},
    "address": "Jalan Contoh Nomor 2\nJakarta 10001",
    "about": {"en": "GIFs not suitable for children appear in GIF searches"},
    "agenda": {
        "id": "Klarifikasi GIF dalam pencarian dan penyelarasan komitmen perlindungan anak",
        "en": "GIFs in searches, and our commitments on the protection of children",
    },
    "questions": {
        "id": [
            "Sejak kapan GIF tersebut dapat ditemukan, dan di negara mana saja?",
            "Bagaimana penyedia GIF dipilih, dan siapa yang menyaring hasil pencarian bagi anak?",
            "Langkah apa yang telah dan akan diambil, dan kapan selesai?",
        ],
        "en": [
            "Since when can these GIFs be found, and in which countries?",
            "How are providers of GIFs chosen, and who filters what children are shown?",
            "What have you done, what will you do, and by when?",
        ],
    },
    "documents": {
        "id": ["Kebijakan moderasi konten", "Catatan penanganan aduan sejak 1 November 2026"],
        "en": ["Your policy on content", "A record of complaints since 1 November 2026"],
    },
    "copies": {
        "id": ["Menteri Komunikasi dan Digital"],
        "en": ["The Minister of Communication and Digital Affairs"],
    },
    "place": "Ruang Rapat Utama, Jalan Contoh Nomor 1, Jakarta",
    "at": "2026-11-10T12:00",
    "until": "2026-11-10T14:00",
    "urgency": "urgent",
    "reply_by": "2026-11-09",
    "email": "kebijakan@contoh-pesan.example",
}
SAMPLE = {
    "sha256": "5f1a0c3e" * 8,
    "seen": "pencarian GIF: kucing lucu",
    "decisions": dict.fromkeys(("3-5", "6-9", "10-12", "13-15", "16-17"), "block"),
    "rule": "on-a-list",
    "findings": [{"source": "hash", "label": "listed"}],
}


class Desk:
    """One case in memory; each step takes ten minutes."""

    def __init__(self) -> None:
        self.case = Case("K-2026-0001")
        self.now = START

    def write(self, new: list[NewFact], by: Actor) -> None:
        """Put facts behind those of the case."""
        for each in new:
            place = self.case.position + 1
            fact = Fact(place, "case", place, each.kind, self.now, by.by, each.data)
            self.case = after(self.case, fact)
        self.now += timedelta(minutes=10)


def sample_case() -> Case:
    """The case with a letter that two people agreed to."""
    desk = Desk()
    opened = cases.open_case(
        OFFICER,
        desk.now,
        title="GIF yang tidak layak bagi anak muncul dalam pencarian GIF",
        platform="Contoh Pesan",
        words=["kucing lucu"],
        promised=desk.now + timedelta(days=7),
    )
    desk.write(opened, OFFICER)
    for complaint in ("a-1", "a-2", "a-3"):
        desk.write(cases.join(desk.case, OFFICER, complaint), OFFICER)
    for words, band, shown, withheld in (("kucing lucu", "6-9", 17, 3), ("joget", "13-15", 38, 2)):
        measure = {"words": words, "band": band, "shown": shown, "withheld": withheld, "rules": {}}
        desk.write(cases.measured(desk.case, OFFICER, measure), OFFICER)
    desk.write(cases.screened(desk.case, REVIEWER, SAMPLE), REVIEWER)
    desk.write(cases.decide(desk.case, REVIEWER, "confirmed", "a listed picture"), REVIEWER)
    desk.write(summons.draft(desk.case, OFFICER, LETTER), OFFICER)
    number = next_number(HOUSE.letter_number, [], desk.now.date())
    desk.write(summons.approve(desk.case, COMMISSIONER, "s-1", number), COMMISSIONER)
    return desk.case


def make(folder: Path) -> list[Path]:
    """Write the files; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    case = sample_case()
    made = {}
    for language in LANGUAGES:
        letter = Letter.of(HOUSE, case, case.summons["s-1"], language)
        stem = folder / f"letter-{language}"
        made[stem.with_suffix(".pdf")] = pdf.render(letter)
        made[stem.with_suffix(".docx")] = docx.render(letter)
        made[stem.with_suffix(".ics")] = ics.render(letter)
        for number, page in enumerate(pdf.pictures(letter, DOTS), 1):
            made[folder / f"letter-{language}-{number}.png"] = _small(page)
    for path, content in made.items():
        path.write_bytes(content)
    return list(made)


def _small(page: bytes) -> bytes:
    """The same picture in 32 colours: black on white needs no more."""
    written = io.BytesIO()
    Image.open(io.BytesIO(page)).convert("RGB").quantize(32).save(written, "PNG", optimize=True)
    return written.getvalue()


def main() -> None:
    """Write the files into the folder that is named."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python examples/make_letter.py FOLDER")
    for path in make(Path(sys.argv[1])):
        print(path)


if __name__ == "__main__":
    main()
