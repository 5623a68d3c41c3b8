"""A sample incident, for trying the desk: one case that is over, one in the middle, a queue.

Everything is done through the house, as people would do it, only with a clock of its own, so that
the past lies in the past. The pictures are stand-ins; the people do not exist.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from perisai.desk.actors import Actor
from perisai.desk.cases import domain as cases
from perisai.desk.commitments import domain as commitments
from perisai.desk.improvements import domain as improvements
from perisai.desk.permissions import Role
from perisai.desk.results import domain as results
from perisai.desk.sample_names import NAMES
from perisai.desk.summons import domain as summons
from perisai.desk.summons import services
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perisai.desk.cases.state import Case
    from perisai.desk.house import House
    from perisai.storage.facts.records import NewFact

PLATFORM = "Contoh Pesan"
"""The messaging app of the sample; the liaison's account speaks for it."""
_BY_ROLE = {role: Actor(name, role) for role, name in NAMES.items()}
INTAKE, REVIEWER, OFFICER, COMMISSIONER = (
    _BY_ROLE[role] for role in (Role.INTAKE, Role.REVIEWER, Role.CASE_OFFICER, Role.COMMISSIONER)
)
_TOLD: Sequence[Mapping[str, str]] = (
    {"app": "Contoh Pesan", "words": "kucing", "kind": "naked", "age": "6-9",
     "what": "Anak saya mencari GIF kucing dan melihat gambar yang tidak pantas."},
    {"app": "Contoh Pesan", "words": "kucing", "kind": "naked",
     "what": "Di pencarian GIF muncul gambar telanjang di antara gambar kucing."},
    {"app": "Contoh Pesan", "words": "menari", "kind": "drawn", "age": "10-12",
     "what": "Stiker kartun yang tidak untuk anak."},
)  # fmt: skip
_WAITING: Sequence[Mapping[str, str]] = (
    {"app": "Contoh Pesan", "words": "sepeda", "kind": "naked", "age": "6-9",
     "what": "Sekilas muncul gambar lain di GIF sepeda."},
    {"app": "Obrolan Ceria", "link": "https://contoh.invalid/gif/123", "kind": "other",
     "what": "GIF ini beredar di grup kelas."},
    {"app": "Obrolan Ceria", "words": "selamat pagi", "kind": "sexual", "age": "13-15",
     "what": "Hasil ketiga tidak sopan."},
)  # fmt: skip


@dataclass
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now


@dataclass
class _Told:
    """One case that is being told."""

    house: House
    clock: _Clock
    id: str = ""
    case: Case = field(init=False)

    def do(self, actor: Actor, decide: Any, *given: Any, **named: Any) -> None:  # noqa: ANN401 - handed on
        """Let somebody do what a function of the domain decides; some minutes pass."""

        def decided(case: Case) -> list[NewFact]:
            facts: list[NewFact] = decide(case, actor, *given, **named)
            return facts

        self.case = self.house.change_case(self.id, actor, decided)
        self.clock.on(minutes=17)


def lay(house: House, sample: Mapping[str, Any]) -> list[str]:
    """Lay the sample incident; return the numbers of its cases.

    ``sample`` is what was found in a real file (:func:`perisai.desk.samples.sample_of`). Raises
    NotYet if there are facts already: samples and real complaints do not mix.
    """
    if house.log.end()[0]:
        raise NotYet("There are facts here already; the sample incident needs an empty house.")
    morning = house.clock().replace(hour=2, minute=10)  # UTC: ten past nine in Jakarta
    clock = _Clock(morning - timedelta(days=12))
    past = house.at(clock)
    made = [_over(past, clock)]
    clock.now = morning - timedelta(days=1)
    made.append(_running(past, clock, sample))
    for told in _WAITING:
        past.receive(told, receipt=past.draw_receipt())
        clock.on(minutes=41)
    past.receive({"link": "https://contoh.invalid/x", "what": "Anak."}, child=True)
    return made


def _over(house: House, clock: _Clock) -> str:
    """A case of another platform that went all the way."""
    told = _Told(house, clock)
    received = house.receive(
        {"app": "Obrolan Ceria", "words": "joget", "kind": "sexual", "age": "10-12",
         "what": "Pencarian GIF joget menampilkan gambar tidak senonoh."},
        receipt=house.draw_receipt(), reporter="Ibu Contoh, 0800-000-000",
    )  # fmt: skip
    told.id = house.open_case(
        INTAKE, title="GIF tidak layak dalam pencarian “joget”", platform="Obrolan Ceria",
        words=["joget"], promised=clock.now + timedelta(days=10), complaint=received.id,
    ).id  # fmt: skip
    told.do(OFFICER, cases.measured, sample_measure("joget", "10-12", 17, 3, {"looks-explicit": 3}))
    told.do(REVIEWER, cases.screened, _standin("stand-in of the sample incident"))
    told.do(REVIEWER, cases.decide, "confirmed", "Gambar pada bingkai ke-12 tidak layak bagi anak.")
    letter = sample_letter("Obrolan Ceria", "joget", clock.now + timedelta(days=4))
    told.do(OFFICER, summons.draft, letter)
    told.do(COMMISSIONER, summons.approve, "s-1", "001/KPA/XI/2026")
    _send(told)
    clock.on(days=2)
    text = "Item sudah dihapus. Pencarian kami kini disaring per kelompok usia."
    told.do(OFFICER, summons.record_answer, "s-1", text, "surat")
    told.do(COMMISSIONER, summons.verify_answer, "s-1", 1, same=True)
    clock.on(days=2)
    told.do(OFFICER, summons.attended, "s-1", "Hadir: dua orang. Disepakati: penyaringan per usia.")
    told.do(
        OFFICER, commitments.make, clock.now, who="Obrolan Ceria",
        what="Hasil pencarian GIF disaring per kelompok usia.",
        verify={"kind": "search", "words": "joget", "band": "10-12"},
        due=clock.now + timedelta(days=3),
    )  # fmt: skip
    clock.on(days=2)
    told.do(OFFICER, cases.measured, sample_measure("joget", "10-12", 20, 0, {}))
    told.do(
        OFFICER, commitments.judge, "c-1", outcome="kept", before="0", after="1",
    )  # fmt: skip
    told.do(
        OFFICER, improvements.ask, clock.now, agency="Kementerian (contoh)",
        what="Pedoman bagi platform: hasil pencarian GIF disaring menurut usia.",
        verify={"kind": "document", "text": "Pedoman yang diumumkan kementerian."},
        due=clock.now + timedelta(days=30),
    )  # fmt: skip
    told.do(COMMISSIONER, improvements.approve, clock.now, "i-1")
    told.do(OFFICER, results.draft, {
        "id": "Aduan terbukti. Platform hadir, menghapus isi, dan menyaring pencarian GIF per "
        "usia. Pengukuran ulang: 0 dari 20 hasil tidak layak.",
        "en": "The complaint was confirmed. The platform came, removed the content, and now "
        "filters its GIF search by age. Measured again: 0 of 20 results unfit.",
    })  # fmt: skip
    told.do(COMMISSIONER, results.approve)
    told.do(OFFICER, results.publish)
    return told.id


def _running(house: House, clock: _Clock, sample: Mapping[str, Any]) -> str:
    """A case of today: confirmed, with a letter that waits for a second person."""
    told = _Told(house, clock)
    received = []
    for each in _TOLD:
        received.append(house.receive(each, receipt=house.draw_receipt()).id)
        clock.on(minutes=23)
    told.id = house.open_case(
        INTAKE, title="GIF pornografi dalam pencarian aplikasi pesan", platform=PLATFORM,
        words=["kucing", "menari", "sepeda"], promised=clock.now + timedelta(days=4),
        complaint=received[0],
    ).id  # fmt: skip
    for complaint in received[1:]:
        house.join(told.id, complaint, INTAKE)
    house.screened(told.id, REVIEWER, dict(sample) | {"seen": "Pencarian GIF: kucing"})
    clock.on(minutes=30)
    told.do(
        REVIEWER, cases.decide, "confirmed", "Cocok dengan daftar hash; sekilas di antara bingkai."
    )
    told.do(OFFICER, cases.note, "Platform lain pernah dipanggil untuk hal serupa.", "internal")
    told.do(
        OFFICER, summons.draft, sample_letter(PLATFORM, "kucing", clock.now + timedelta(days=3))
    )
    return told.id


def sample_letter(platform: str, words: str, at: datetime) -> dict[str, Any]:
    """What an invitation of the sample incident says."""
    return {
        "recipient": f"Pimpinan {platform}",
        "address": "Jalan Contoh Nomor 2\nJakarta 10001",
        "agenda": f"Klarifikasi GIF dalam pencarian “{words}” dan penyelarasan komitmen",
        "questions": [
            "Sejak kapan GIF tersebut dapat ditemukan?",
            "Siapa yang menyaring hasil pencarian bagi anak?",
            "Langkah apa yang telah dan akan diambil, dan kapan selesai?",
        ],
        "documents": ["Kebijakan moderasi konten", "Catatan penanganan aduan"],
        "place": "Ruang Rapat Utama",
        "at": at.replace(hour=5, minute=0, second=0, microsecond=0).isoformat(),  # noon there
    }


def _send(told: _Told) -> None:
    due = told.clock.now + timedelta(days=4)
    services.send(told.house, OFFICER, told.id, "s-1", how="surat", reply_by=due, link=str)
    told.clock.on(minutes=17)


def sample_measure(
    words: str, band: str, shown: int, withheld: int, rules: Mapping[str, int]
) -> dict[str, Any]:
    """What a search of the sample incident showed and withheld."""
    told = {"words": words, "band": band, "shown": shown, "withheld": withheld}
    return told | {"rules": dict(rules), "source": "data contoh"}


def _standin(text: str) -> dict[str, Any]:
    """The sample of a case that is over: made up, and its name says so."""
    return {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "seen": "data contoh",
        "decisions": {"3-5": "withhold", "6-9": "withhold", "10-12": "withhold",
                      "13-15": "withhold", "16-17": "withhold", "adult": "allow"},
        "rules": {},
        "rule": "looks-explicit",
        "findings": [],
        "media": "data contoh",
        "error": "",
    }  # fmt: skip
