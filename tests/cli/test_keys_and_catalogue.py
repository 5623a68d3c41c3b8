"""``perisai keys`` and ``perisai catalogue``, as an operator uses them."""

from __future__ import annotations

import json

from tests.common import screening


def test_a_key_is_shown_once_and_ends(perisai):
    said = perisai("keys", "create", "app", "--age-band", "6-9", "--dialect", "tenor")
    key = said.out.strip()
    assert said.status == 0
    assert key.startswith("perisai_")
    listed = json.loads(perisai("keys", "list", "--json").out)
    assert (listed["name"], listed["age_band"], listed["dialects"]) == ("app", "6-9", ["tenor"])
    assert key not in perisai("keys", "list").out
    again = perisai("keys", "create", "app", "--age-band", "adult")
    assert again.status == 2
    assert "choose another name" in again.err
    assert perisai("keys", "revoke", "app").status == 0
    assert "revoked" in perisai("keys", "list").out
    assert perisai("keys", "revoke", "app").status == 2
    assert perisai("keys", "create", "x", "--age-band", "6-9", "--key", "short").status == 2


def test_a_catalogue_is_imported_approved_and_judged(perisai, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    scene = screening.scene(3)
    (folder / "cat dance.gif").write_bytes(screening.clip(scene))
    (folder / "bad.gif").write_bytes(screening.clip([scene[0], screening.marked(scene[1])]))
    said = perisai("catalogue", "import", folder, "--collection", "mine", "--json")
    assert said.status == 1
    states = {line["file"]: line for line in map(json.loads, said.out.splitlines())}
    assert states["cat dance.gif"]["state"] == "added"
    assert states["bad.gif"]["state"] == "withheld"
    assert states["bad.gif"]["reason"]
    assert "1 kept" in perisai("catalogue", "import", folder, "--collection", "mine").out
    item = states["cat dance.gif"]["id"]
    (listed,) = perisai("catalogue", "list", "--json").out.splitlines()
    assert json.loads(listed)["title"] == "cat dance"
    told = perisai("catalogue", "approve", item, "--bands", "3-5,6-9", "--by", "siti")
    assert "approved for 3-5, 6-9" in told.out
    assert perisai("catalogue", "approve", "--bands", "all", "--by", "siti").status == 2
    assert perisai("catalogue", "approve", "x", "--bands", "all", "--by", "siti").status == 2
    assert perisai("catalogue", "approve", item, "--bands", "7", "--by", "siti").status == 2
    assert perisai("catalogue", "withdraw", "--collection", "mine", "--by", "siti").status == 0
    judged = perisai("catalogue", "decide", item, "--confirm", "--by", "siti")
    assert "explicit confirmed by siti" in judged.out
    assert perisai("catalogue", "decide", "nonsense", "--clear", "--by", "siti").status == 2
    assert perisai("catalogue", "remove", item).out == "1 removed.\n"
    assert "Nothing is there yet" in perisai("catalogue", "list").out
