"""What a child finds is counted, over a real catalogue with the tiny model."""

from __future__ import annotations

import json

from perisai.gateway.search.explaining import Explained
from perisai.patrol.measuring import counted
from perisai.terms import AgeBand
from tests.cli.conftest import env, logging_as_it_was, perisai, tiny  # noqa: F401 - fixtures
from tests.gateway.search.house import clean


def test_what_is_unfit_is_counted_by_rule(perisai, tmp_path):  # noqa: F811
    folder = tmp_path / "gifs"
    folder.mkdir()
    (folder / "cat one.gif").write_bytes(clean(1))
    (folder / "cat two.gif").write_bytes(clean(2))
    assert perisai("catalogue", "import", folder).status == 0
    before = perisai("patrol", "measure", "cat", "--age-band", "6-9", "--json")
    assert (before.status, json.loads(before.out)["fit"]) == (0, 2)
    assert perisai("lists", "create", "new", "--label", "listed", "--source", "x").status == 0
    assert perisai("lists", "add", "new", folder / "cat two.gif").status == 0
    after = json.loads(perisai("patrol", "measure", "cat", "--age-band", "6-9", "--json").out)
    assert (after["fit"], after["unfit"], after["rules"]) == (1, 1, {"on-a-list": 1})
    assert after["exposure"] == 0.5
    told = perisai("patrol", "measure", "cat")
    assert told.status == 1
    assert "6-9    1 of 2 unfit (50%): on-a-list 1" in told.out
    assert "ends" not in told.out
    assert "the words alone end this search" in perisai("patrol", "measure", "bokep").out
    assert "nothing found" in perisai("patrol", "measure", "unheard-of").out


def test_what_could_not_be_looked_at_is_neither_fit_nor_unfit():
    band = AgeBand.AGE_6_9
    found = [Explained(None, {band: reason}) for reason in ("pending", "failed", "explicit")]
    told = counted("x", band, [*found, Explained(None, {})], blocked=False)
    assert (told.fit, told.unfit, told.unknown, told.rules) == (1, 1, 2, {"explicit": 1})
