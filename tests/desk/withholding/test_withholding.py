"""What a reviewer decides on a sample counts in this house's gateway, and is never half done."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from starlette.testclient import TestClient

from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.permissions import Role
from perisai.desk.seals import services as seals
from perisai.desk.web.running import Desk, use
from perisai.desk.withholding.models import WithholdingRow
from perisai.desk.withholding.services import apply_waiting
from perisai.errors import NotAllowed, NotYet, StorageError
from perisai.gateway import create_app
from perisai.gateway.catalogue.importing import Importer
from perisai.gateway.catalogue.listing import listed_in
from perisai.gateway.workbench import open_workbench
from perisai.screening.service.local import Local
from perisai.storage.records import ApiKey, ItemReport, Opinion
from perisai.terms import AgeBand, Label
from tests.common import screening
from tests.desk.conftest import COMMISSIONER, OFFICER, REVIEWER
from tests.desk.web import stories
from tests.gateway.search.house import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "a-teens-key"
FILE = clean(1)
SHA = hashlib.sha256(FILE).hexdigest()


async def _fill(settings, folder) -> None:
    async with Local(settings) as local, open_workbench(settings, local) as bench:
        importer = Importer(
            "catalogue", bench.store, bench.verdicts, bench.intake, max_bytes=10**6,
            clock=lambda: datetime.now(UTC),
        )  # fmt: skip
        _ = [each async for each in importer.run(listed_in(folder))]
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        await bench.store.add_key(
            ApiKey(KEY, digest, AgeBand.AGE_13_15, frozenset({"tenor"}), 10_000, shadow=False,
                   webhook="", created=datetime.now(UTC))
        )  # fmt: skip


@pytest.fixture
def of_gateway(tmp_path):
    """Settings of a gateway with one harmless item, whose file the sample is."""
    folder = tmp_path / "other"
    folder.mkdir()
    chosen = screening.settings(folder, GATEWAY__DEADLINE_MS=5000, GATEWAY__WARM_MINUTES=0)
    media = folder / "media"
    media.mkdir()
    (media / "a.gif").write_bytes(FILE)
    rows = [{"file": "a.gif", "title": "cat a", "tags": ["cat"], "id": "a"}]
    (media / "catalogue.json").write_text(json.dumps(rows))
    asyncio.run(_fill(chosen, media))
    return chosen


@pytest.fixture
def case(desk, intake, reviewer, monkeypatch) -> str:
    """A case with the sample, at a desk whose own gateway cannot be reached."""
    monkeypatch.setattr(desk.gateway, "open", lambda: None)
    key = stories.opened(intake)
    stories.screened(reviewer, key, file=SimpleUploadedFile("a.gif", FILE, "image/gif"))
    assert desk.house.case(key).samples[0].sha256 == SHA
    return key


@pytest.fixture
def joined(desk, of_gateway, case) -> Iterator[Desk]:
    """The desk beside that gateway."""
    from perisai.desk.gateway_store import GatewayStore

    made = Desk.of(of_gateway, desk.house, desk.looking)
    assert isinstance(made.gateway, GatewayStore)
    use(made)
    yield made
    made.gateway.close()


def decided(reviewer, case, what, reason="terlihat jelas"):
    return reviewer.send(f"/cases/{case}", "/gateway", what=what, reason=reason)


def soon(client: TestClient, wanted: list[str]) -> None:
    """Within five seconds a search shows these."""
    for _ in range(50):
        found = client.get("/v2/search", params={"key": KEY, "q": "cat"}).json()["results"]
        if [each["title"] for each in found] == wanted:
            return
        client.portal.call(asyncio.sleep, 0.1)  # type: ignore[union-attr]
    assert [each["title"] for each in found] == wanted


def test_it_counts_in_the_gateway_within_seconds(joined, of_gateway, reviewer, case, clock):
    headers = {"X-Perisai-Key": KEY}
    with TestClient(create_app(of_gateway)) as client:
        soon(client, ["cat a"])
        found = client.get("/v2/search", params={"key": KEY, "q": "cat"}).json()["results"][0]
        url = found["media_formats"]["gif"]["url"]
        assert client.get(url, headers=headers).status_code == 200
        assert decided(reviewer, case, "withheld")["Location"].startswith(
            f"/cases/{case}?done=withheld"
        )
        soon(client, [])
        assert client.get(url, headers=headers).status_code == 404, "given out before"
        clock.on(minutes=1)
        assert "done=freed" in decided(reviewer, case, "freed")["Location"]
        soon(client, ["cat a"])
        assert client.get(url, headers=headers).status_code == 200
        clock.on(minutes=1)
        assert reviewer.post(f"/cases/{case}/samples/{SHA}/seal").status_code == 302
        soon(client, [])
    kinds = [each.kind for each in joined.house.log.stream(f"case:{case}")][-6:]
    assert kinds == [
        "sample.withheld", "sample.applied", "sample.freed", "sample.applied", "sample.sealed",
        "sample.applied",
    ]  # fmt: skip
    assert joined.house.rebuild(write=False) == []
    said = joined.gateway.open().opinions([SHA])[SHA]
    assert {each.label for each in said} == set(Label) - {Label.ABUSE}
    assert all("terlihat" not in each.reason for each in said), "the reason stays at the desk"


@pytest.mark.on_both
def test_while_the_gateway_is_away_it_is_red_and_waits(
    desk, of_gateway, reviewer, officer, case, monkeypatch
):
    sent = decided(reviewer, case, "withheld", "jelas & <b>tegas</b>")
    assert "done=gateway-waits" in sent["Location"]
    page = officer.text(f"/cases/{case}")
    assert "Lembaga ini belum menjalankan gerbang" in page
    assert "BELUM berlaku" in reviewer.text(sent["Location"].partition("#")[0])
    assert WithholdingRow.objects.get().applied is None
    other = Desk.of(of_gateway, desk.house, desk.looking)
    store = other.gateway.open()
    use(other)
    assert "Belum berlaku: gerbang belum menerimanya" in officer.text(f"/cases/{case}")

    def broken(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "add_opinion", broken)
        assert apply_waiting(desk.house, other.gateway) == 0
    assert not desk.house.case(case).withholdings[SHA].applied
    # The gateway takes it, and the desk is killed before it can write that down.
    with monkeypatch.context() as patch:
        patch.setattr("perisai.desk.withholding.domain.applied", broken)
        assert apply_waiting(desk.house, other.gateway) == 0
    assert apply_waiting(desk.house, other.gateway) == 1
    assert apply_waiting(desk.house, other.gateway) == 0
    assert len(store.opinions([SHA])[SHA]) == 1, "told once"
    assert "berlaku sejak" in officer.text(f"/cases/{case}")
    assert "menahan sampel" in officer.text(f"/cases/{case}")
    assert desk.house.rebuild(write=False) == []
    other.gateway.close()


def test_what_the_gateways_people_said_later_stands(desk, of_gateway, reviewer, case, clock):
    decided(reviewer, case, "withheld")
    other = Desk.of(of_gateway, desk.house, desk.looking)
    later = Opinion(SHA, Label.EXPLICIT, 0.0, "siti", "", clock.on(minutes=1))
    other.gateway.open().add_opinion(later)
    assert apply_waiting(desk.house, other.gateway) == 1
    assert other.gateway.open().opinions([SHA])[SHA] == (later,)
    other.gateway.close()


def test_nobody_frees_what_is_sealed_or_decides_without_a_reason(
    desk, intake, reviewer, staff, case
):
    from perisai.desk.withholding import domain

    assert decided(reviewer, case, "freed", " ").status_code == 422
    assert decided(reviewer, case, "shown").status_code == 422
    assert decided(reviewer, case, "freed").status_code == 302
    assert decided(reviewer, case, "freed").status_code == 422, "twice"
    house = desk.house
    with pytest.raises(NotAllowed):
        domain.decide(house.case(case), OFFICER, SHA, "withheld", "x")
    with pytest.raises(NotYet, match="no such sample"):
        domain.decide(house.case(case), REVIEWER, "0" * 64, "withheld", "x")
    other = stories.opened(intake)
    stories.screened(reviewer, other, file=SimpleUploadedFile("a.gif", FILE, "image/gif"))
    house.seal_sample(case, SHA, REVIEWER)
    assert house.case(other).samples[0].sealed, "there, too"
    freed = reviewer.post(f"/cases/{other}/samples/{SHA}/gateway", what="freed", reason="x")
    assert freed.status_code == 403
    with pytest.raises(NotAllowed, match="sealed"):
        domain.decide(house.case(case), REVIEWER, SHA, "freed", "x")
    assert house.case(case).withholdings[SHA].what == "withheld", "also if it was freed before"
    assert reviewer.post(f"/cases/{case}/samples/{SHA}/gateway", what="freed", reason="x"
                         ).status_code == 403  # fmt: skip
    page = staff(Role.REVIEWER).text(f"/cases/{case}")
    assert "terlihat jelas" not in page, "nothing of a sealed sample is left"
    assert house.rebuild(write=False) == []


def test_a_reported_file_is_withheld_as_soon_as_the_report_is_sealed(
    joined, of_gateway, intake, reviewer, commissioner, case, clock
):
    """*Report this* in the gateway, one button at the desk, and the file is gone; none is given."""
    from perisai.desk.intake.reports import take_in

    headers = {"X-Perisai-Key": KEY}
    with TestClient(create_app(of_gateway)) as client:
        soon(client, ["cat a"])
        found = client.get("/v2/search", params={"key": KEY, "q": "cat"}).json()["results"][0]
        url = found["media_formats"]["gif"]["url"]
        store = joined.gateway.open()
        store.add_report(
            ItemReport("n-1", "catalogue", "a", SHA, "report", "seorang anak",
                       AgeBand.AGE_13_15, clock.now)
        )  # fmt: skip
        assert take_in(joined.house, store) == 1
        (row,) = ComplaintRow.objects.filter(source="gateway")
        path = f"/complaints/{row.id}"
        clock.on(minutes=1)
        intake.send(path, "/seal")
        soon(client, [])
        assert client.get(url, headers=headers).status_code == 404
        assert "berlaku sejak" in reviewer.text(path)
        assert SHA not in reviewer.get(path).content.decode()
        clock.on(minutes=1)
        reviewer.send(path, "/seal/question", reason="bukan anak")
        commissioner.send(path, "/seal/undo")
        assert client.get(url, headers=headers).status_code == 404, "until a person frees it"
        page = reviewer.send(path, "/gateway", what="freed", reason=" ")
        assert page.status_code == 422
        page = reviewer.send(path, "/gateway", what="freed", reason="gambar biasa")
        assert page.status_code == 403, "the sample of a case is the same file"
        seals.question(joined.house, REVIEWER, case, "bukan anak", SHA)
        seals.lift(joined.house, COMMISSIONER, case, SHA)
        page = reviewer.send(path, "/gateway", what="freed", reason="gambar biasa")
        assert page["Location"] == f"{path}?done=freed#gateway"
        soon(client, ["cat a"])
    assert joined.house.rebuild(write=False) == []


def test_an_appeal_that_was_right_frees_the_file_in_the_gateway(
    joined, of_gateway, reviewer, staff, case, clock
):
    """*Wrongly hidden* in the gateway, two people at the desk, and it is shown again."""
    from perisai.desk.intake.reports import take_in

    other = staff(Role.COMMISSIONER)
    store = joined.gateway.open()
    store.add_report(
        ItemReport("n-2", "catalogue", "a", SHA, "hidden", "seekor kucing",
                   AgeBand.AGE_13_15, clock.now)
    )  # fmt: skip
    assert take_in(joined.house, store) == 1
    (row,) = ComplaintRow.objects.filter(source="gateway")
    path = f"/complaints/{row.id}"
    with TestClient(create_app(of_gateway)) as client:
        soon(client, ["cat a"])
        decided(reviewer, case, "withheld")
        soon(client, [])
        clock.on(minutes=1)
        seen = str(joined.house.complaint(row.id).position)
        reviewer.send(path, "/appeal", outcome="overturned", text="Seekor kucing.", seen=seen)
        soon(client, [])
        assert other.send(path, "/appeal/decide").status_code == 302
        soon(client, ["cat a"])
    kinds = [each.kind for each in joined.house.log.stream(f"complaint:{row.id}")]
    assert kinds[-3:] == ["appeal.decided", "sample.freed", "sample.applied"]
    assert "berlaku sejak" in other.text(path)
    assert joined.house.rebuild(write=False) == []


def test_no_appeal_frees_what_is_sealed_anywhere(joined, reviewer, commissioner, case, clock):
    from perisai.desk.appeals import services as appeals
    from tests.desk.conftest import COMMISSIONER

    told = {"item": "a", "sha256": SHA, "what": "x", "wish": "show"}
    key = joined.house.receive(told, source="gateway").id
    reviewer.post(f"/cases/{case}/samples/{SHA}/seal")
    known = joined.house.complaint(key)
    known = appeals.propose(joined.house, REVIEWER, key, "overturned", "x", seen=known.position)
    with pytest.raises(NotAllowed, match="sealed"):
        appeals.decide(joined.house, COMMISSIONER, key, seen=known.position)
    known = appeals.propose(joined.house, REVIEWER, key, "upheld", "x", seen=known.position)
    known = appeals.decide(joined.house, COMMISSIONER, key, seen=known.position)
    assert not known.withholdings


@pytest.mark.on_both
def test_where_no_gateway_runs_nothing_is_red(desk, reviewer, case, of_gateway):
    decided(reviewer, case, "withheld")
    assert "out-failed" not in reviewer.get(f"/cases/{case}").content.decode()
    use(Desk.of(of_gateway, desk.house, desk.looking))
    assert "out-failed" in reviewer.get(f"/cases/{case}").content.decode(), "one runs here now"
