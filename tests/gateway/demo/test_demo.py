"""What the demo's routes answer, to whom, and what is in its catalogue."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import socket
import subprocess
from importlib import resources
from typing import TYPE_CHECKING

import httpx2
import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from perisai.gateway.demo import Demo, Explainer
from perisai.gateway.items import Ask
from perisai.gateway.search.words import Words
from perisai.gateway.upstreams.memory import MemoryUpstream
from perisai.policy import Policy
from perisai.terms import AgeBand
from perisai.vocabulary import Vocabulary
from tests.common import drawn
from tests.common.servers import clean_environment
from tests.gateway.demo.running import Place, command
from tests.gateway.search.house import VOCABULARY, clean, item, marked, open_house

if TYPE_CHECKING:
    from pathlib import Path

STATIC = resources.files("perisai.gateway.demo") / "static"


def page_for(address: str, *, everyone: bool = False) -> httpx2.Response:
    """The page as somebody at this address gets it."""
    explainer = Explainer({}, Words(VOCABULARY), None, None, Policy.load("id"), deadline_ms=100)
    demo = Demo(explainer, None, everyone=everyone)
    return TestClient(Starlette(routes=demo.routes()), client=(address, 1)).get("/demo")


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.2", "::ffff:203.0.113.9", "nonsense"])
def test_strangers_are_kept_out_unless_a_setting_lets_them_in(address):
    assert page_for(address).status_code == 403
    assert "gateway.demo" in page_for(address).text
    assert page_for(address, everyone=True).status_code == 200


def test_this_machine_gets_the_page_under_a_strict_policy():
    page = page_for("127.0.0.1")
    assert page.status_code == 200
    assert page_for("::1").status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.text)
    assert "http" not in re.sub(r"http-equiv", "", page.text)


def test_every_word_stands_in_both_languages():
    words = json.loads((STATIC / "words.json").read_text("utf-8"))
    assert all(set(each) == {"id", "en"} and all(each.values()) for each in words.values())
    texts = {f.name: f.read_text("utf-8") for f in STATIC.iterdir() if not f.name.endswith(".png")}
    scripts = "".join(text for name, text in texts.items() if name.endswith(".js"))
    page = texts["page.html.j2"]
    used = set(re.findall(r"""\bt\("(\w+)\"""", scripts)) | set(re.findall(r"\bt\.(\w+)", page))
    used |= set(re.findall(r'data-t(?:-label|-placeholder)?="(\w+)"', page))
    assert len(used) > 30
    assert used - words.keys() == set()


def test_pictures_in_the_panel_are_the_stand_ins(place: Place):
    for number in range(3):
        file = STATIC / f"stand-in-{number}.png"
        with Image.open(file) as shipped:
            shown = np.asarray(shipped.convert("RGB"), np.int16)
        wanted = np.asarray(drawn.stand_in(number, 320, 240).resize((96, 72)), np.int16)
        assert np.abs(shown - wanted).mean() < 12
        got = httpx2.get(f"{place.base}/demo/stand-in-{number}.png")
        assert (got.headers["content-type"], got.content) == ("image/png", file.read_bytes())


async def _explained(folder: Path, text: str, *, bands=tuple(AgeBand)):
    upstream = MemoryUpstream([item(1), item(2), item(3, "bokep")],
                              {item(1).renditions[0].url: clean(1),
                               item(2).renditions[0].url: marked(2)})  # fmt: skip
    async with open_house(folder, upstream, bands=bands) as house:
        parts = house.searcher
        explainer = Explainer(
            house.upstreams, Words(VOCABULARY), parts._curation, parts._selection,
            Policy.load("id"), deadline_ms=5000,
        )  # fmt: skip
        found = await explainer.explain(Ask(AgeBand.ADULT, text=text))
        return {each.item.id: {str(b): r for b, r in each.withheld.items()} for each in found}


def test_the_deciding_rule_is_told_for_every_age(tmp_path):
    told = asyncio.run(_explained(tmp_path, "cat"))
    young = dict.fromkeys(("3-5", "6-9", "10-12"), "not-approved")
    assert told["1"] == young
    assert told["2"] == young | dict.fromkeys(("13-15", "16-17", "adult"), "looks-explicit")
    assert set(told["3"].values()) == {"words"}


def test_nothing_is_asked_for_blocked_words_and_for_ages_that_are_not_served(tmp_path):
    assert asyncio.run(_explained(tmp_path, "bokep")) == {}
    told = asyncio.run(_explained(tmp_path, "cat", bands=(AgeBand.ADULT,)))
    assert told["1"] == {str(band): "other-age" for band in AgeBand if band is not AgeBand.ADULT}


def test_odd_questions_get_the_youngest(place: Place):
    got = httpx2.get(f"{place.base}/demo/panel", params={"band": "7", "q": "x" * 5000, "kind": "?"})
    assert got.json()["band"] == "3-5"
    assert httpx2.get(f"{place.base}/demo/viewer").json()["age"].startswith("3-5;")
    assert httpx2.get(f"{place.base}/demo/page.html.j2").status_code == 404
    assert httpx2.get(f"{place.base}/demo/..%2fpages.py").status_code == 404


def test_words_of_the_catalogue_are_harmless(place: Place):
    vocabulary = Vocabulary.load()
    rows = [
        row
        for name in ("catalogue.csv", "stand-ins.csv")
        for row in csv.DictReader((place.home / "catalogue" / name).read_text("utf-8").splitlines())
    ]
    assert 40 <= len(rows) <= 70
    for row in rows:
        for text in (row["title"], *row["tags"].split(",")):
            assert str(vocabulary.judge(text).decision) == "allow", text
        assert all(row.values())


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_second_start_is_checked_and_stops(place: Place):
    done = subprocess.run(
        command(place.home, "--check"),
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "works, and withholds what it should" in done.stdout
    assert "Making" not in done.stdout


def test_a_port_in_use_is_told_with_what_to_do(place: Place):
    def started(port: int) -> str:
        words = command(place.home, "--port", str(port))
        done = subprocess.run(
            words, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 1
        return done.stderr

    assert f"runs already: {place.base}/demo" in started(int(place.base.rpartition(":")[2]))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"make run PORT={port + 1}" in started(port)
