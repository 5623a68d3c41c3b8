"""A sample goes from a case to a list that others block by: pages, dry run and file are real."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from perisai.cli import cli
from perisai.desk.listing import allowed, services
from perisai.desk.listing.models import ItemHashRow
from perisai.desk.permissions import Role
from perisai.desk.web.running import Desk, use
from perisai.errors import StorageError
from perisai.screening.screener import Screener
from perisai.terms import AgeBand, Decision
from tests.common import screening
from tests.desk.conftest import REVIEWER
from tests.desk.web import stories
from tests.desk.withholding.test_withholding import FILE, of_gateway  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator

WHY = '=HYPERLINK("x") & <b>jelas</b>'


def copy_of(data: bytes) -> bytes:
    """The same clip, twice as large and written anew: other bytes, the same pictures."""
    frames = []
    with Image.open(io.BytesIO(data)) as opened:
        for number in range(opened.n_frames):
            opened.seek(number)
            frames.append(opened.convert("RGB").resize((128, 96)))
    return screening.clip(frames)


@pytest.fixture
def second(staff):
    return staff(Role.REVIEWER, "penelaah.dua")


@pytest.fixture
def joined(desk, of_gateway) -> Iterator[Desk]:  # noqa: F811
    """The desk beside a gateway whose catalogue has one harmless item."""
    made = Desk.of(of_gateway, desk.house, desk.looking)
    use(made)
    yield made
    made.gateway.close()


def confirmed(intake, reviewer, file: bytes) -> tuple[str, str]:
    """A confirmed case with this file as its sample."""
    key = stories.opened(intake)
    stories.screened(reviewer, key, file=SimpleUploadedFile("a.gif", file, "image/gif"))
    stories.confirmed(reviewer, key)
    return key, hashlib.sha256(file).hexdigest()


def proposed(reviewer, case, reason=WHY):
    return reviewer.send(f"/cases/{case}", "/list", category="explicit", reason=reason)


def explicit() -> bytes:
    return stories.gif().read()


def test_from_the_case_to_another_houses_screening(
    joined, intake, reviewer, second, commissioner, officer, tmp_path
):
    file = explicit()
    case, sha = confirmed(intake, reviewer, file)
    assert "Tidak ada sampel di sini" in commissioner.text("/list")
    assert "done=list-proposed" in proposed(reviewer, case)["Location"]
    check = joined.house.case(case).listings[sha].check
    assert (check.gateway, check.compared, check.unread, check.hits) == (True, 1, 0, 0)
    assert check.generation == joined.gateway.open().generation()
    assert "Usulan daftar blokir untuk disetujui" in second.text("/")
    assert "Usulan daftar blokir untuk disetujui" not in reviewer.text("/")
    assert "/list/agree" not in reviewer.get(f"/cases/{case}").content.decode()
    path = f"/cases/{case}/samples/{sha}/list/agree"
    assert reviewer.post(path, seen=99).status_code == 403, "the same person"
    assert "tidak satu pun dari 1" in second.text(f"/cases/{case}")
    second.typed_password(seconds_ago=3600)
    assert second.send(f"/cases/{case}", "/list/agree")["Location"].startswith("/account/confirm")
    second.typed_password()
    assert "done=list-agreed" in second.send(f"/cases/{case}", "/list/agree")["Location"]
    # the page, the spreadsheet, and who may have the file
    page = commissioner.get("/list").content.decode()
    assert "<b>jelas</b>" not in page
    assert "Dalam daftar" in page
    lines = list(csv.reader(io.StringIO(officer.get("/list.csv").content.decode("utf-8-sig"))))
    row = dict(zip(*lines, strict=True))
    assert row["Alasan"] == f"'{WHY}"
    assert (row["SHA-256"], row["Dibandingkan"], row["Uji coba"]) == (sha, "1", "0")
    assert reviewer.post("/list/export").status_code == 403
    given = commissioner.send("/list", "/list/export")
    assert given.status_code == 200
    told = json.loads(given.content)
    assert (told["label"], told["sharing"]) == ("listed", "partners")
    assert "jelas" not in given.content.decode(), "reasons stay in the house"
    assert case not in given.content.decode()
    fact = joined.house.log.stream(services.STREAM)[-1]
    assert (fact.kind, fact.by) == ("listing.exported", "commissioner:commissioner")
    assert fact.data == {"entries": 1, "file": hashlib.sha256(given.content).hexdigest()}
    assert "1 sampel" in commissioner.text("/list")
    assert joined.house.rebuild(write=False) == []
    blocks_elsewhere(given.content, file, tmp_path / "elsewhere")


def blocks_elsewhere(exported: bytes, file: bytes, folder) -> None:
    """Another house takes the file in with the command, and its screening blocks the sample."""
    folder.mkdir()
    chosen = screening.environment(folder)
    (folder / "list.json").write_bytes(exported)
    harmless = screening.clip(screening.scene(3))
    (folder / "copy.gif").write_bytes(copy_of(file))
    (folder / "same.gif").write_bytes(file)
    (folder / "other.gif").write_bytes(harmless if harmless != file else b"")
    arguments = ["lists", "import", "partner", str(folder / "list.json")]
    done = CliRunner().invoke(cli, arguments, env=chosen, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    with Screener(screening.settings(folder)) as screener:
        for name in ("same.gif", "copy.gif"):
            found = screener.screen(folder / name)
            assert "listed" in {each.label for each in found.findings}, name
            assert found.decision(AgeBand.AGE_6_9) is Decision.BLOCK
        found = screener.screen(folder / "other.gif")
        assert "listed" not in {each.label for each in found.findings}


@pytest.mark.parametrize("copied", [False, True], ids=["same bytes", "a copy"])
def test_what_would_block_something_allowed_waits_until_that_is_decided(
    joined, intake, reviewer, second, copied, clock
):
    case, sha = confirmed(intake, reviewer, copy_of(FILE) if copied else FILE)
    proposed(reviewer, case)
    check = joined.house.case(case).listings[sha].check
    assert (check.compared, check.hits) == (1, 1)
    assert check.items[0]["item"] == "a"
    assert check.items[0]["title"] == "cat a"
    page = second.text(f"/cases/{case}")
    assert "1 yang diizinkan akan ikut terblokir" in page
    assert "cat a" in page
    again = second.send(f"/cases/{case}", "/list/agree")
    assert again.status_code == 422
    assert "tahan dahulu di gerbang" in again.content.decode()
    # a reviewer decides on the item: here for the very file, else by the catalogue
    from perisai.storage.records import Opinion
    from perisai.terms import Label

    item = hashlib.sha256(FILE).hexdigest()
    if copied:
        joined.gateway.open().add_opinion(Opinion(item, Label.EXPLICIT, 1.0, "siti", "", clock()))
    else:
        reviewer.send(f"/cases/{case}", "/gateway", what="withheld", reason="jelas")
    sent = second.send(f"/cases/{case}", "/list/agree")
    assert "done=list-again" in sent["Location"], "something changed: it is made again, and read"
    check = joined.house.case(case).listings[sha].check
    assert (check.compared, check.hits) == (0, 0)
    assert "gerbang tidak mengizinkan apa pun" in second.text(f"/cases/{case}")
    assert second.send(f"/cases/{case}", "/list/agree").status_code == 422, "the box is not ticked"
    agreed = second.send(f"/cases/{case}", "/list/agree", gap="on")
    assert "done=list-agreed" in agreed["Location"]
    clock.on(hours=30)
    assert second.send(f"/cases/{case}", "/list/withdraw", reason="sudah").status_code == 302
    assert json.loads(services.export(joined.house, joined.settings, None)[0])["entries"] == []


def test_an_old_dry_run_is_made_again(joined, intake, reviewer, second, clock):
    case, _ = confirmed(intake, reviewer, explicit())
    proposed(reviewer, case)
    clock.on(hours=25)
    assert "done=list-again" in second.send(f"/cases/{case}", "/list/agree")["Location"]
    assert "BELUM disetujui" in second.text(f"/cases/{case}?done=list-again")
    assert "done=list-agreed" in second.send(f"/cases/{case}", "/list/agree")["Location"]
    kinds = [each.kind for each in joined.house.log.stream(f"case:{case}")][-4:]
    assert kinds == ["listing.proposed", "listing.checked", "listing.checked", "listing.agreed"]


def test_without_a_gateway_the_second_person_sees_that_nothing_was_compared(
    desk, intake, reviewer, second
):
    case, sha = confirmed(intake, reviewer, explicit())
    proposed(reviewer, case)
    check = desk.house.case(case).listings[sha].check
    assert (check.compared, check.gap) == (0, True)
    # In PostgreSQL the gateway's tables are there from the first start on: they are empty.
    told = "lembaga ini belum punya gerbang GIF" in second.text(f"/cases/{case}")
    assert told is not check.gateway
    page = second.send(f"/cases/{case}", "/list/agree")
    assert page.status_code == 422
    assert second.send(f"/cases/{case}", "/list/agree", gap="on").status_code == 302
    assert desk.house.case(case).listings[sha].standing == "agreed"


def test_a_gateway_that_cannot_be_asked_holds_everything_up(
    joined, intake, reviewer, second, monkeypatch
):
    case, sha = confirmed(intake, reviewer, explicit())

    def broken() -> None:
        raise StorageError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(joined.gateway, "open", broken)
        proposed(reviewer, case)
        assert joined.house.case(case).listings[sha].check is None
        assert "Uji coba belum selesai" in second.text("/list")
        assert second.send(f"/cases/{case}", "/list/agree").status_code == 422
    assert services.check_waiting(joined.house, joined.gateway) == 1
    assert joined.house.case(case).listings[sha].check.compared == 1
    assert services.check_waiting(joined.house, joined.gateway) == 0


def test_what_there_was_no_time_for_goes_on_later_and_each_item_is_read_once(
    joined, intake, reviewer, monkeypatch
):
    case, sha = confirmed(intake, reviewer, explicit())
    monkeypatch.setattr(services, "AT_A_PAGE", -1.0)
    monkeypatch.setattr(services.check, "__defaults__", (-1.0,))
    proposed(reviewer, case)
    assert joined.house.case(case).listings[sha].check is None
    assert services.check_waiting(joined.house, joined.gateway) == 1
    row = ItemHashRow.objects.get()
    assert row.readable
    assert len(bytes(row.hashes)) >= allowed.BYTES
    monkeypatch.setattr(joined.gateway, "objects", lambda: pytest.fail("read twice"))
    assert services.check(joined.house, joined.gateway, case, sha, 9.0)


def test_an_item_whose_bytes_are_gone_is_said_and_has_to_be_seen(joined, intake, reviewer, second):
    case, sha = confirmed(intake, reviewer, explicit())
    joined.gateway.objects().delete(hashlib.sha256(FILE).hexdigest())
    proposed(reviewer, case)
    check = joined.house.case(case).listings[sha].check
    assert (check.compared, check.unread, check.gap) == (0, 1, True)
    assert "1 yang diizinkan tidak dapat dibaca" in second.text(f"/cases/{case}")


def test_an_item_that_no_decoder_reads_is_not_passed_for_compared(joined, intake, reviewer, clock):
    from perisai.storage.records import CatalogueEntry

    broken = b"GIF89a, and nothing that belongs to it"
    item = hashlib.sha256(broken).hexdigest()
    joined.gateway.objects().put(item, broken)
    entry = CatalogueEntry(
        "b", "gif", "x", (), "", "", "", "", item, "gif", 1, 1, len(broken), clock()
    )
    joined.gateway.open().add_entries([entry])
    case, sha = confirmed(intake, reviewer, explicit())
    proposed(reviewer, case)
    check = joined.house.case(case).listings[sha].check
    assert (check.compared, check.unread) == (1, 1)
    assert not ItemHashRow.objects.get(sha256=item).readable


def test_a_sealed_sample_is_on_no_page_and_in_no_file(
    joined, intake, reviewer, second, commissioner
):
    case, sha = confirmed(intake, reviewer, explicit())
    other, _ = confirmed(intake, reviewer, explicit())
    proposed(reviewer, case)
    second.send(f"/cases/{case}", "/list/agree")
    assert sha in services.export(joined.house, joined.settings, None)[0].decode()
    joined.house.seal_sample(case, sha, REVIEWER)
    data, count = services.export(joined.house, joined.settings, None)
    assert (sha in data.decode(), count) == (False, 0)
    for path in ("/list", "/list.csv"):
        assert sha[:12] not in commissioner.get(path).content.decode()
    page = commissioner.text(f"/cases/{case}")
    assert "HYPERLINK" not in page
    assert joined.house.case(other).samples[0].sealed, "the same file"
    for key in (case, other):
        said = {"category": "explicit", "reason": "x"}
        assert reviewer.post(f"/cases/{key}/samples/{sha}/list", **said).status_code == 403


def test_an_item_that_is_sealed_loses_its_title_on_the_page_of_the_dry_run(
    joined, intake, reviewer, second
):
    """Also where the sample that it was compared with is not sealed: it is another file."""
    case, sha = confirmed(intake, reviewer, copy_of(FILE))
    proposed(reviewer, case)
    (item,) = joined.house.case(case).listings[sha].check.items
    page = second.text(f"/cases/{case}")
    assert item["title"] in page
    assert f"{item['upstream']} ·" in page
    elsewhere, sealed = confirmed(intake, reviewer, FILE)
    assert sealed == item["sha256"]
    joined.house.seal_sample(elsewhere, sealed, REVIEWER)
    assert not joined.house.case(case).samples[0].sealed
    for who in (second, reviewer):
        page = who.text(f"/cases/{case}")
        assert item["title"] not in page
        assert f"{item['upstream']} ·" not in page
        assert "berkas ini disegel" in page
        assert sealed[:12] in page


def test_a_party_and_the_ministry_see_nothing_of_it(joined, intake, reviewer, second, staff):
    case, sha = confirmed(intake, reviewer, explicit())
    proposed(reviewer, case)
    assert "Daftar blokir" not in staff(Role.MINISTRY).text("/")
    assert "Daftar blokir lembaga" not in staff(Role.MINISTRY).text(f"/cases/{case}")
    from perisai.desk.cases import domain as cases
    from tests.desk.conftest import OFFICER

    joined.house.change_case(case, OFFICER, lambda c: cases.name_conflict(c, OFFICER, second.name))
    assert sha[:12] not in second.get("/list").content.decode()
    assert second.post(f"/cases/{case}/samples/{sha}/list/agree", seen=1).status_code == 403
