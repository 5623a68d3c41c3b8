"""``perisai query``: what a search asks for, and why."""

from __future__ import annotations

import json


def test_for_people(perisai):
    said = perisai("query", "kucing lucu", "b0k3p", "kanker payudara", "🍆")
    assert said.status == 0
    lines = said.out.splitlines()
    assert lines[0].startswith("allow   kucing lucu  (results as usual)")
    assert "block   b0k3p  (an empty page)" in said.out
    assert 'bokep as "b0k3p" (leet): explicit 1.00, id.' in said.out
    assert "[body] It is good to ask" in said.out
    assert "filter  🍆" in said.out


def test_in_indonesian(perisai):
    said = perisai("query", "--lang", "id", "bunuh diri", "bokep")
    assert "[distress] Kamu tidak sendirian" in said.out
    assert "halaman kosong" in said.out


def test_for_programs(perisai):
    said = perisai("query", "--json", "n g e n t o t", "analisis")
    first, second = map(json.loads, said.out.splitlines())
    assert first["query"] == "n g e n t o t"
    assert first["decision"] == "block"
    assert first["terms"][0]["term"] == "ngentot"
    assert first["terms"][0]["view"] == "spaced"
    assert first["terms"][0]["class"] == "explicit"
    assert {"owner", "reason", "review"} <= set(first["terms"][0])
    assert second == {
        "query": "analisis", "decision": "allow", "terms": [], "weight": 0, "help": [], "unread": 0,
    }  # fmt: skip


def test_lines_of_standard_input(command):
    said = command("query", "--json", "-", data=b"gay\r\n\nbokep\n" + b"b\xffkep\n")
    found = [json.loads(line) for line in said.out.splitlines()]
    assert said.status == 0
    assert [each["query"] for each in found] == ["gay", "bokep", "b\ufffdkep"]
    assert [each["decision"] for each in found][:2] == ["allow", "block"]


def test_nothing_asked(perisai):
    said = perisai("query")
    assert said.status == 2
    assert "TEXT" in said.err


def test_a_query_drives_no_terminal(perisai):
    said = perisai("query", "kucing\x1b[2J\u202e")
    assert "\x1b[2J" not in said.out
    assert "\u202e" not in said.out


def test_a_lexicon_of_ones_own(perisai, env, tmp_path, monkeypatch):
    file = tmp_path / "school.toml"
    file.write_text(
        'language = "id"\n[[group]]\nclass = "explicit"\nweight = 1.0\nowner = "school"\n'
        'reason = "said in our yard"\nreview = 2020-01-01\nterms = ["kodok ungu"]\n'
    )
    monkeypatch.setenv("PERISAI_VOCABULARY__LEXICONS", str(file))
    said = perisai("query", "kodok ungu")
    assert said.out.startswith("block")
    assert "1 terms are due for review since 2020-01-01 (school). They still protect." in said.err
    file.write_text(file.read_text().replace("weight = 1.0", "weight = 0.1"))
    said = perisai("query", "kodok ungu")
    assert said.status == 2
    assert f"{file}:4: group[1].weight: must be from 0.8 to 1.0" in said.err
