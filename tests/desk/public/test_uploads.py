"""A file with a complaint, where the house names the law: looked at in memory, and gone."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.cases import domain as cases
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.complaints.services import told_for_referral
from perisai.desk.events import Event
from perisai.desk.public.options import LARGEST_BODY
from perisai.desk.samples import ByService
from perisai.errors import ServiceBusy
from perisai.terms import Label
from tests.common import screening
from tests.desk.conftest import INTAKE, REVIEWER
from tests.desk.public.visiting import Visitor
from tests.desk.test_first_journey import SAMPLE

BASIS = "Peraturan Contoh Nomor 1 Tahun 2026"
SAID = {"app": "WhatsApp", "words": "kucing", "kind": "naked", "child": "no"}
FILE = screening.clip([screening.marked(each) for each in screening.scene(3)])
SHA256 = hashlib.sha256(FILE).hexdigest()
MOST = 100_000


@pytest.fixture
def by_model(tmp_path):
    folder = tmp_path / "screening"
    folder.mkdir()
    looking = ByService(screening.settings(folder))
    looking.home = folder / "home"
    yield looking
    looking.close()


@pytest.fixture
def taking(visitor, house, chosen, by_model):
    """A visitor of a house that takes files: ``taking()``."""
    from perisai.desk.public.here import Site, open_site

    def made(looking=by_model, **desk: object) -> Visitor:
        chosen_here = {"upload_basis": BASIS, "upload_bytes": MOST} | desk
        section = chosen.desk.model_copy(update=chosen_here)
        open_site(Site(chosen.model_copy(update={"desk": section}), house, looking=looking))
        return Visitor()

    return made


def arrive(visitor: Visitor, language: str = "", grown: str = "yes", **said: str) -> Visitor:
    """As far as the look over it."""
    said = SAID | said
    visitor.get(f"{language}/aduan")
    visitor.send(app=said["app"], words=said["words"])
    visitor.send(kind=said["kind"], child=said["child"])
    visitor.send(**({"grown": grown} if grown else {}))
    return visitor


def send(visitor: Visitor, data: bytes = FILE, **more):
    """Send the look over it as the browser does, with a file."""
    page = visitor.page
    fields = page.forms[0] | {"go": "send", "file": SimpleUploadedFile("a.gif", data)} | more
    sent = visitor.client.post(page.path, fields, headers={"Sec-Fetch-Site": "same-origin"})
    return visitor._see(page.path, sent)


def taken(visitor: Visitor, house):
    assert visitor.page.status == 200, visitor.page.text
    return house.find(Receipt(visitor.page.code))


@pytest.mark.parametrize("language", ["", "/en"])
def test_it_is_looked_at_and_what_was_found_is_kept(taking, house, language):
    visitor = arrive(taking(), language)
    assert BASIS in visitor.page.text
    assert "throw" in visitor.page.text or "dibuang" in visitor.page.text
    page = send(visitor)
    known = taken(visitor, house)
    assert ("looked at your file" if language else "Mesin sudah melihat berkasmu") in page.text
    assert known.told["sha256"] == SHA256
    assert known.looked["decisions"]["3-5"] == "withhold"
    assert "sha256" not in known.looked
    facts = house.log.stream(f"complaint:{known.id}")
    assert SHA256 not in str(facts[0].data), "what was sent is known under the reporter's key alone"
    assert house.rebuild(write=False) == []


def test_what_was_found_comes_along_into_the_case(taking, house, clock):
    visitor = arrive(taking())
    send(visitor)
    known = taken(visitor, house)
    case = house.open_case(
        INTAKE, title="GIF", platform="Contoh Pesan", words=["kucing"],
        promised=clock() + timedelta(days=9), complaint=known.id,
    )  # fmt: skip
    (sample,) = case.samples
    assert (sample.sha256, sample.complaint, sample.sealed) == (SHA256, known.id, None)
    decided = house.change_case(
        case.id, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x")
    )
    assert decided.claim == "confirmed"
    assert len(house.case(case.id).samples) == 1
    house.seal(known.id, REVIEWER)
    assert house.case(case.id).samples[0].sealed
    assert house.complaint(known.id).looked is None
    assert told_for_referral(house, known.id)["sha256"] == SHA256
    assert house.rebuild(write=False) == []


def test_a_file_that_somebody_has_sealed_closes_the_complaint_that_brings_it(taking, house, clock):
    case = house.open_case(
        INTAKE, title="GIF", platform="x", words=[], promised=clock() + timedelta(days=9)
    ).id
    house.screened(case, REVIEWER, {**SAMPLE, "sha256": SHA256})
    house.seal_sample(case, SHA256, REVIEWER)
    visitor = arrive(taking())
    page = send(visitor)
    known = taken(visitor, house)
    assert known.sealed
    assert (known.told, known.looked) == (None, None)
    assert "Mesin sudah melihat berkasmu" in page.text, "who sends it learns nothing of that"
    assert house.rebuild(write=False) == []


def test_a_match_with_a_list_of_child_abuse_is_sealed_at_once(taking, house, by_model):
    screening.create_list(by_model.home, "abuse", label=Label.ABUSE, sha256=SHA256)
    visitor = arrive(taking())
    send(visitor)
    known = taken(visitor, house)
    assert known.sealed
    assert (known.told, known.looked) == (None, None)
    assert told_for_referral(house, known.id)["sha256"] == SHA256
    kinds = [fact.kind for fact in house.log.stream(f"complaint:{known.id}")]
    assert kinds == [Event.COMPLAINT_RECEIVED, Event.COMPLAINT_SEALED]


@pytest.mark.parametrize(
    ("grown", "child"), [("no", "no"), ("", "no"), ("yes", "yes"), ("yes", "unsure"), ("yes", "")]
)
def test_it_is_not_asked_of_minors_nor_where_a_child_may_be_shown(taking, house, grown, child):
    visitor = arrive(taking(), grown=grown, child=child)
    assert 'type="file"' not in visitor.page.html
    assert BASIS not in visitor.page.text
    send(visitor)  # by hand
    known = taken(visitor, house)
    assert known.looked is None
    assert known.sealed or "sha256" not in known.told


def test_by_default_nothing_is_asked_and_nothing_taken(visitor):
    arrive(visitor, grown="")
    assert "18" not in visitor.page.text
    assert "multipart" not in visitor.page.html
    assert send(visitor).status == 415


class Down:
    def look(self, data, name):
        raise ServiceBusy("no")


@pytest.mark.parametrize("how", ["down", "none", "broken", "large", "empty"])
def test_the_complaint_is_taken_also_if_the_file_cannot_be_looked_at(taking, house, how, by_model):
    visitor = arrive(taking({"down": Down(), "none": None}.get(how, by_model)))
    page = send(
        visitor, {"broken": b"GIF89a broken", "large": FILE * 40, "empty": b""}.get(how, FILE)
    )
    known = taken(visitor, house)
    assert known.told["words"] == "kucing"
    if how == "broken":
        assert known.looked["error"]
    else:
        assert known.looked is None
    if how in ("down", "none", "large"):
        assert "tidak bisa dilihat mesin" in page.text


def test_too_much_is_refused_before_it_is_read(taking):
    visitor = arrive(taking(upload_bytes=1000))
    assert send(visitor, b"x" * (LARGEST_BODY + 1100)).status == 413


@pytest.mark.parametrize(
    "body",
    [b"--x\r\n", b"--y--\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n" + b"\0" * 99],
)
def test_a_body_that_is_none(taking, body):
    visitor = taking()
    sent = visitor.client.post(
        "/aduan", body, content_type="multipart/form-data; boundary=x",
        headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert sent.status_code in (400, 422)
    visitor._see("/aduan", sent)


def test_files_come_to_no_other_page(taking):
    visitor = taking()
    for path in ("/kode", "/banding", "/jawab/x/surat.pdf"):
        sent = visitor.client.post(
            path, {"file": SimpleUploadedFile("a.gif", FILE)},
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        assert sent.status_code == 415


def test_of_several_files_none_is_taken(taking):
    visitor = arrive(taking())
    two = [SimpleUploadedFile(name, FILE) for name in "ab"]
    assert send(visitor, file=two).status == 400
