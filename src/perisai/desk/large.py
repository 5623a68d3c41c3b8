"""A large load to measure the desk with: complaints, cases, and a long history, all made up.

Everything is decided by the functions of the domain, as people would do it, and lies in the log as
if it had been written one by one. What is told, when and of whom follows from a seed number and
from the day; keys of people are drawn, as always.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from perisai.desk.cases import domain as cases
from perisai.desk.cases import state as case_state
from perisai.desk.cases.state import Case
from perisai.desk.commitments import domain as commitments
from perisai.desk.complaints import domain as complaints
from perisai.desk.complaints import state as complaint_state
from perisai.desk.complaints import telling
from perisai.desk.complaints.receipts import Kept, Receipt
from perisai.desk.results import domain as results
from perisai.desk.sample import (
    COMMISSIONER,
    INTAKE,
    OFFICER,
    PLATFORM,
    REVIEWER,
    sample_letter,
    sample_measure,
)
from perisai.desk.summons import domain as summons
from perisai.storage.facts.batch import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from perisai.desk.actors import Actor
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.house import House
    from perisai.storage.facts.records import NewFact

COMPLAINTS = 100_000
OF_A_CASE = 10
"""Complaints for each case; a third of them belong to it."""
FACTS_OF_A_CASE = 100
"""Facts for each case, those on its complaints among them; notes make up for what is missing."""
CASES_AT_ONCE = 100
YEARS = 2
PLATFORMS = (PLATFORM, "Obrolan Ceria", "Pesan Kilat", "Stiker Kita", "Ruang Main", "Klip Pendek")
WORDS = (
    "kucing", "joget", "selamat pagi", "menari", "sepeda", "ulang tahun", "kartun", "hujan",
    "sekolah", "bola", "lebaran", "mudik", "lucu", "sedih", "marah", "pagi", "boneka", "rumah",
)  # fmt: skip
SAID = (
    "Anak saya melihatnya saat mencari GIF.",
    "Muncul di antara gambar lain, hasil ketiga.",
    "Beredar di grup kelas sejak kemarin.",
    "Sekilas muncul gambar lain di tengah GIF.",
    "Stiker ini tidak untuk anak.",
)
AGES = ("", "", "3-5", "6-9", "6-9", "10-12", "10-12", "13-15", "16-17")


def lay(
    house: House,
    number: int = COMPLAINTS,
    seed: int = 1,
    told: Callable[[int], None] = lambda _: None,
) -> int:
    """Lay ``number`` complaints and all that belongs to them; return how many facts there are.

    ``told`` is called with the number of complaints that are laid. Rows are not written: that is
    :func:`perisai.desk.rebuilding.rebuild`. Raises NotYet if there are facts already.
    """
    load = _Load(house, Batch(house.log), Random(seed))  # noqa: S311 - nothing secret
    every = max(1, number // OF_A_CASE)
    for first in range(0, every, CASES_AT_ONCE):
        some = range(first, min(first + CASES_AT_ONCE, every))
        people = iter(house.people.new_ones(OF_A_CASE * len(some), load.begins))
        for case in some:
            load.lay_case(case, every, people)
        load.batch.write()
        told(min(number, OF_A_CASE * (some[-1] + 1)))
    return house.log.end()[0]


class _Load:
    def __init__(self, house: House, batch: Batch, random: Random) -> None:
        self.house, self.batch, self.random = house, batch, random
        today = house.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        self.begins = today - timedelta(days=365 * YEARS)
        self._span = today - self.begins
        self._proof = Receipt.new().kept(str).proof  # one for all: slow, and nobody has it
        self.now = self.begins

    def lay_case(self, index: int, every: int, people: Iterator[str]) -> None:
        """One case with its complaints, the later the higher its number."""
        random = self.random
        self.now = self.begins + self._span * (index / every)
        before = self.batch.end
        platform, words = random.choice(PLATFORMS), random.choice(WORDS)
        received = [
            self._received(10 * index + place, platform, words, next(people))
            for place in range(OF_A_CASE)
        ]
        self._case(index, platform, words, received, before, old=index < every * 0.8)

    def _received(self, number: int, platform: str, words: str, person: str) -> Complaint:
        random = self.random
        told = {
            "app": platform,
            "words": words if random.random() < 0.6 else f"{words} {random.randrange(5000)}",
            "link": f"https://gif.invalid/{random.randrange(30_000)}"
            if random.random() < 0.3
            else "",
            "kind": random.choice(complaints.KINDS),
            "age": random.choice(AGES),
            "what": f"{random.choice(SAID)} ({number})",
        }
        reporter = None
        if random.random() < 0.1:
            reporter = self.house.people.seal(person, f"Orang Contoh {number}, 0800-{number:06}")
        source = random.choice(("public", "public", "public", "gateway", "phone", "press"))
        receipt = Kept(f"{random.randrange(10**6):06}", self._proof)
        facts = complaints.receive(
            told,
            source=source,
            person=person,
            seal=lambda text: self.house.people.seal(person, text),
            link=telling.digest(told, self.house.people),
            reporter=reporter,
            receipt=receipt if source == "public" else None,
            child=random.random() < 0.01,
        )
        known = complaint_state.Complaint(
            f"a-{hashlib.sha256(str(number).encode()).hexdigest()[:16]}"
        )
        self.now += timedelta(minutes=random.randrange(1, 40))
        return self._write_complaint(known, facts, "public:" if source == "public" else INTAKE.by)

    def _write_complaint(self, known: Complaint, facts: list[NewFact], by: str) -> Complaint:
        for fact in self.batch.append(f"complaint:{known.id}", facts, by=by, at=self.now):
            known = complaint_state.after(known, fact)
        return known

    def _case(
        self,
        index: int,
        platform: str,
        words: str,
        received: list[Complaint],
        before: int,
        *,
        old: bool,
    ) -> None:
        case = Case(f"K-{self.now.year}-{index + 1:05}")

        def do(actor: Actor, decide: Any, *given: Any, **named: Any) -> None:  # noqa: ANN401 - handed on
            nonlocal case
            facts = decide(case, actor, *given, **named)
            for fact in self.batch.append(f"case:{case.id}", facts, by=actor.by, at=self.now):
                case = case_state.after(case, fact)
            self.now += timedelta(minutes=11)

        opened = cases.open_case(
            INTAKE, self.now, title=f"GIF tidak layak dalam pencarian “{words}” ({index + 1})",
            platform=platform, words=[words], promised=self.now + timedelta(days=14),
        )  # fmt: skip
        do(INTAKE, lambda _case, _actor: opened)
        for each in self._of_case(received, old=old):
            do(INTAKE, cases.join, each.id)
            self._write_complaint(each, complaints.into_case(each, INTAKE, case.id), INTAKE.by)
        self._looked_into(index, words, do)
        if old or index % 2:
            self._invited(index, platform, words, do, heard=old)
        if old:
            self._ended(platform, words, do)
        note = 0
        while self.batch.end - before < FACTS_OF_A_CASE:
            note += 1
            audience = "agencies" if note % 5 == 0 else "internal"
            do(OFFICER, cases.note, f"Catatan {note}: diperiksa lagi, lihat {words}.", audience)

    def _of_case(self, received: list[Complaint], *, old: bool) -> list[Complaint]:
        """Of older cases all complaints belong to one, or were taken back; few of them wait."""
        open_ones = [each for each in received if not each.sealed]
        if not old:
            return open_ones[: OF_A_CASE // 3]
        last = open_ones[-1]
        if self.random.random() < 0.3:
            self._write_complaint(last, complaints.withdraw(last), "public:")
            open_ones.remove(last)
        return open_ones

    def _looked_into(self, index: int, words: str, do: Any) -> None:  # noqa: ANN401 - see above
        do(OFFICER, cases.measured, sample_measure(words, "10-12", 20, 3, {"looks-explicit": 3}))
        sha256 = hashlib.sha256(f"stand-in {index}".encode()).hexdigest()
        do(REVIEWER, cases.screened, _sample(sha256))
        do(REVIEWER, cases.decide, "confirmed", "Gambar pada bingkai ke-12 tidak layak bagi anak.")

    def _invited(self, index: int, platform: str, words: str, do: Any, *, heard: bool) -> None:  # noqa: ANN401
        do(OFFICER, summons.draft, sample_letter(platform, words, self.now + timedelta(days=4)))
        do(COMMISSIONER, summons.approve, "s-1", f"{index + 1:05}/KPA/{self.now.year}")
        door = hashlib.sha256(f"door {index}".encode()).hexdigest()
        due = self.now + timedelta(days=4)
        do(OFFICER, summons.send, "s-1", self.now, how="surat", door=door, reply_by=due)
        if heard:
            do(OFFICER, summons.record_answer, "s-1", "Item sudah dihapus.", "surat")
            do(COMMISSIONER, summons.verify_answer, "s-1", 1, same=True)
            do(OFFICER, summons.attended, "s-1", "Hadir: dua orang. Disepakati: penyaringan.")

    def _ended(self, platform: str, words: str, do: Any) -> None:  # noqa: ANN401
        due = self.now + timedelta(days=30)
        do(
            OFFICER, commitments.make, self.now, who=platform,
            what="Hasil pencarian GIF disaring per kelompok usia.",
            verify={"kind": "check", "text": f"Pencarian “{words}” diukur lagi."}, due=due,
        )  # fmt: skip
        do(OFFICER, cases.measured, sample_measure(words, "10-12", 20, 0, {}))
        outcome = self.random.choice(("kept", "late", "broken"))
        do(
            OFFICER, commitments.judge, "c-1", outcome=outcome,
            before="3 dari 20 hasil tidak layak.", after="0 dari 20 hasil tidak layak.",
        )  # fmt: skip
        texts = {"id": "Aduan terbukti. Isi sudah dihapus.", "en": "Confirmed. It was removed."}
        do(OFFICER, results.draft, texts)
        do(COMMISSIONER, results.approve)
        do(OFFICER, results.publish)


def _sample(sha256: str) -> dict[str, Any]:
    return {
        "sha256": sha256, "seen": "data contoh", "rules": {}, "rule": "looks-explicit",
        "decisions": {"6-9": "withhold", "10-12": "withhold", "adult": "allow"},
        "findings": [], "media": "data contoh", "error": "",
    }  # fmt: skip
