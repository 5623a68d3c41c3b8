"""The whole gateway over HTTP: search in both shapes, media, keys, and what survives a restart."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from perisai.gateway import create_app
from perisai.gateway.catalogue.importing import Importer
from perisai.gateway.catalogue.listing import listed_in
from perisai.gateway.workbench import open_workbench
from perisai.screening.service.client import Client
from perisai.screening.service.local import Local
from perisai.storage.records import ApiKey, Approval, Opinion
from perisai.terms import AgeBand, Label
from tests.common import buckets, databases, screening
from tests.common.services import house_at
from tests.gateway.search.house import clean, marked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from perisai.settings import Settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CHILD, TEEN = "a-childs-key", "a-teens-key"


async def _fill(settings: Settings, folder: Path) -> None:
    async with Local(settings) as local, open_workbench(settings, local) as bench:
        importer = Importer(
            "catalogue",
            bench.store,
            bench.verdicts,
            bench.intake,
            max_bytes=10**6,
            clock=lambda: NOW,
        )
        _ = [each async for each in importer.run(listed_in(folder))]
        for key, band in ((CHILD, AgeBand.AGE_6_9), (TEEN, AgeBand.AGE_13_15)):
            digest = hashlib.sha256(key.encode()).hexdigest()
            both = frozenset({"tenor", "giphy"})
            await bench.store.add_key(
                ApiKey(key, digest, band, both, 10_000, shadow=False, webhook="", created=NOW)
            )
        bands = frozenset({AgeBand.AGE_6_9})
        await bench.store.approve(Approval("catalogue", "item", "b", bands, "", "siti", "", NOW))


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "s3"])
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("gateway")
    if request.param == "postgresql":
        with databases.made() as address:
            yield _filled(folder, {"STORAGE__DATABASE": address})
    elif request.param == "s3":
        with buckets.made() as environment:
            yield _filled(folder, {k.removeprefix("PERISAI_"): v for k, v in environment.items()})
    else:
        yield _filled(folder, {})


def _filled(folder: Path, where: dict[str, str]) -> Settings:
    chosen = screening.settings(folder, GATEWAY__DEADLINE_MS=5000, GATEWAY__WARM_MINUTES=0, **where)
    media = folder / "media"
    media.mkdir()
    for name, data in (("a", clean(1)), ("b", clean(2)), ("c", marked(3))):
        (media / f"{name}.gif").write_bytes(data)
    rows = [{"file": f"{n}.gif", "title": f"cat {n}", "tags": ["cat"], "id": n} for n in "abc"]
    (media / "catalogue.json").write_text(json.dumps(rows))
    asyncio.run(_fill(chosen, media))
    return chosen


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as client:
        yield client


def titles(client: TestClient, key: str, **more: str) -> list[str]:
    answer = client.get("/v2/search", params={"key": key, "q": "cat", **more})
    assert answer.status_code == 200
    return sorted(each["title"] for each in answer.json()["results"])


def test_each_age_sees_its_own(client: TestClient) -> None:
    assert titles(client, TEEN) == ["cat a", "cat b"]
    assert titles(client, CHILD) == ["cat b"]
    found = client.get("/v1/gifs/search", params={"api_key": TEEN, "q": "cat"}).json()
    assert sorted(each["title"] for each in found["data"]) == ["cat a", "cat b"]
    assert client.get("/v2/search", params={"q": "cat"}).json()["results"] == []
    assert client.get("/v2/search", params={"key": "wrong", "q": "cat"}).status_code == 401


def test_media_are_the_screened_bytes_and_end_with_their_verdict(
    client: TestClient, settings: Settings
) -> None:
    results = client.get("/v2/search", params={"key": TEEN, "q": "cat"}).json()["results"]
    first = next(each for each in results if each["title"] == "cat a")
    url = first["media_formats"]["gif"]["url"]
    headers = {"X-Perisai-Key": TEEN}
    got = client.get(url, headers=headers)
    assert got.status_code == 200
    assert hashlib.sha256(got.content).hexdigest() in url
    part = client.get(url, headers=headers | {"Range": "bytes=3-5"})
    assert (part.status_code, part.content) == (206, got.content[3:6])
    # Without the recipient's key the youngest band applies, for whom nobody approved it.
    assert client.get(url.partition("?")[0]).status_code == 404
    sha256 = hashlib.sha256(got.content).hexdigest()

    async def object_to_it() -> None:
        async with Local(settings) as local, open_workbench(settings, local) as bench:
            await bench.store.add_opinion(Opinion(sha256, Label.EXPLICIT, 1.0, "siti", "", NOW))

    asyncio.run(object_to_it())
    for _ in range(50):
        if client.get(url, headers=headers).status_code == 404:
            break
        client.portal.call(asyncio.sleep, 0.1)  # type: ignore[union-attr]
    assert client.get(url, headers=headers).status_code == 404
    assert titles(client, TEEN) == ["cat b"]


def test_words(client: TestClient) -> None:
    assert titles(client, TEEN, q="bokep") == []
    assert titles(client, TEEN, q="pendidikan seks", locale="id_ID")[:1] == ["Bantuan"]


def test_uploads_are_checked_beside_the_search(client: TestClient) -> None:
    answer = client.post("/v1/screen?age_band=6-9", content=marked(7))
    assert (answer.status_code, answer.json()["allowed"]) == (200, False)
    assert client.get("/health/live").status_code == 200


def test_reports_numbers_and_health_are_there(client: TestClient) -> None:
    found = client.get("/v2/search", params={"key": TEEN, "q": "cat"}).json()["results"][0]
    assert "/report/" in found["itemurl"]
    assert client.get(found["itemurl"]).status_code == 200
    kept = client.post(found["itemurl"], data={"kind": "report"}, follow_redirects=False)
    assert kept.status_code == 303
    assert client.get("/v2/search", params={"key": TEEN, "q": "cat"}).status_code == 200
    client.get("/v2/search", params={"q": "x"}, headers={"X-Perisai-Age": "adult;1;0"})
    told = client.get("/metrics").text
    assert 'perisai_pages_total{decision="allow"}' in told
    assert 'perisai_reports_total{kind="report"} 1.0' in told
    assert 'perisai_request_seconds_count{route="/v2/search",status="2xx"}' in told
    assert 'perisai_upstream_up{upstream="catalogue"} 1.0' in told
    ready = client.get("/health/ready")
    checks = {"store": True, "screening": True, "upstreams": True}
    assert (ready.status_code, ready.json()["checks"]) == (200, checks)


def test_with_a_screening_service_the_gateway_loads_no_model(tmp_path: Path) -> None:
    with house_at(tmp_path, tmp_path / "home") as house:
        house.serve()
        with TestClient(create_app(house.settings)) as client:
            answer = client.post("/v1/screen?age_band=6-9", content=marked(11))
            assert (answer.status_code, answer.json()["allowed"]) == (200, False)
            assert isinstance(client.app.state.gateway.bench.screening, Client)  # type: ignore[attr-defined]
            assert client.get("/health/ready").status_code == 200
            house.end()
            assert client.post("/v1/screen", content=marked(12)).status_code == 503
            client.portal.call(asyncio.sleep, 1.0)  # type: ignore[union-attr]
            assert client.get("/health/ready").json()["checks"]["screening"] is False
            house.serve()
            assert client.post("/v1/screen", content=marked(12)).json()["allowed"] is False
