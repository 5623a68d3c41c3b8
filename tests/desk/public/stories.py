"""A case that is brought as far as a test wants it, with marks on all that must stay inside."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from perisai.desk.cases import domain as cases
from perisai.desk.results import domain as results
from perisai.desk.summons import domain as summons
from tests.desk.conftest import COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER

if TYPE_CHECKING:
    from collections.abc import Callable

    from perisai.desk.house import House

TOKEN = "b4Xw-a-link-that-nobody-guesses-2fQ"
SAMPLE = {
    "sha256": "ab" * 32, "seen": "INTERNAL-SAMPLE", "rule": "on-a-list",
    "decisions": {"3-5": "block"}, "findings": [],
}  # fmt: skip
LETTER = {
    "recipient": "PT Contoh Pesan", "address": "Jalan Contoh 1\nJakarta",
    "agenda": "GIF dalam pencarian", "questions": ["Sejak kapan?", "Mengapa?"],
    "documents": ["Kebijakan"], "place": "Ruang Rapat 2", "at": "2026-11-10T12:00:00+07:00",
}  # fmt: skip
TEXTS = {"id": "Pencarian sudah bersih.", "en": "The search is clean now."}


def measured(band: str, withheld: int, shown: int, words: str = "SECRET-WORDS"):
    told = {"words": words, "band": band, "shown": shown, "withheld": withheld, "rules": {}}
    return lambda case: cases.measured(case, OFFICER, told)


class Story:
    """A case that is brought as far as a test wants it."""

    def __init__(self, house: House, clock) -> None:
        self.house, self.clock, self.key = house, clock, ""

    def do(self, who, decide: Callable) -> None:
        self.house.change_case(self.key, who, decide)

    def opened(self, *complaints: str, days: int = 4) -> Story:
        self.key = self.house.open_case(
            INTAKE, title="GIF di pencarian", platform="Contoh Pesan", words=["SECRET-WORDS"],
            promised=NOW + timedelta(days=days),
        ).id  # fmt: skip
        for each in complaints:
            self.house.join(self.key, each, INTAKE)
        return self

    def decided(self, outcome: str = "confirmed") -> Story:
        self.do(OFFICER, lambda c: cases.note(c, OFFICER, "INTERNAL-NOTE", "internal"))
        self.do(OFFICER, lambda c: cases.note(c, OFFICER, "AGENCY-NOTE", "agencies"))
        self.do(OFFICER, lambda c: cases.note(c, OFFICER, "Kami meminta penjelasan.", "public"))
        self.do(COMMISSIONER, lambda c: cases.agree_to_note(c, COMMISSIONER, 3))
        self.do(OFFICER, lambda c: cases.note(c, OFFICER, "WAITING-NOTE", "public"))
        self.do(OFFICER, measured("6-9", 5, 15))
        self.do(OFFICER, measured("13-15", 2, 18))
        self.do(REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
        self.clock.on(hours=1)
        self.do(REVIEWER, lambda c: cases.decide(c, REVIEWER, outcome, "INTERNAL-REASON"))
        return self

    def invited(self, letter=LETTER, token: str = TOKEN) -> Story:
        door = hashlib.sha256(token.encode()).hexdigest()
        self.do(OFFICER, lambda c: summons.draft(c, OFFICER, letter))
        self.do(COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, "s-1", "12/XI/2026"))
        self.clock.on(hours=1)
        now = self.clock()
        self.do(
            OFFICER,
            lambda c: summons.send(
                c, OFFICER, "s-1", now, how="mail", door=door, reply_by=now + timedelta(days=2)
            ),
        )
        return self

    def answered(self, text: str = "INTERNAL-ANSWER") -> Story:
        self.clock.on(days=1)
        self.do(OFFICER, lambda c: summons.answer(c, "s-1", text, "link"))
        self.clock.on(hours=2)
        self.do(OFFICER, measured("6-9", 0, 20))
        return self

    def published(self, texts=TEXTS) -> Story:
        self.do(OFFICER, lambda c: results.draft(c, OFFICER, texts))
        self.do(COMMISSIONER, lambda c: results.approve(c, COMMISSIONER))
        self.clock.on(hours=1)
        self.do(OFFICER, lambda c: results.publish(c, OFFICER))
        return self
