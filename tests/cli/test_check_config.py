"""``perisai check-config``, as an operator uses it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


@pytest.fixture
def home(env, monkeypatch) -> Path:
    """A home whose settings file, if any, is the test's own; no model is needed here."""
    monkeypatch.delenv("PERISAI_CONFIG")
    return Path(env["PERISAI_HOME"])


@pytest.fixture
def checked(perisai, home):
    """Run the command; return its exit status and the facts by name."""

    def run() -> tuple[int, dict[str, tuple[str, str]]]:
        said = perisai("check-config", "--json")
        facts = map(json.loads, said.out.splitlines())
        return said.status, {fact["name"]: (fact["state"], fact["detail"]) for fact in facts}

    return run


def test_the_defaults_are_good_and_nothing_is_made(checked, home):
    status, facts = checked()
    assert status == 0
    assert {state for state, _ in facts.values()} <= {"good", "note"}
    assert facts["keys"][0] == "note"
    assert facts["upstream catalogue"][0] == "good"
    assert not home.exists()


def test_for_people_it_is_one_line_a_fact(perisai, home):
    said = perisai("check-config")
    assert said.status == 0
    lines = said.out.splitlines()
    assert len(lines) >= 10
    assert all(line.startswith(("✓ ", "! ")) for line in lines)


def test_after_a_start_it_names_keys_and_files(checked, perisai, home):
    assert perisai("keys", "create", "app", "--age-band", "6-9").status == 0
    perisai("keys", "create", "old", "--age-band", "adult")
    perisai("keys", "revoke", "old")
    status, facts = checked()
    assert status == 0
    assert facts["keys"] == ("good", "app (6-9)")
    assert facts["database"][1].endswith("answers")


def test_a_wrong_settings_file_is_all_that_is_said(checked, home):
    home.mkdir()
    (home / "perisai.toml").write_text("[gateway]\nprot = 1\n")
    status, facts = checked()
    assert (status, list(facts)) == (2, ["settings"])
    assert "perisai.toml" in facts["settings"][1]


@pytest.mark.parametrize(
    ("toml", "name", "says"),
    [
        ('[gateway]\nsigning_env = "NOT_SET"', "secret", "NOT_SET"),
        ('[gateway]\npublic_url = "gif.example.id"', "address", "https://"),
        ('[gateway.upstreams.g]\ntype = "giphy"', "upstream g", "approval"),
        ('[storage]\ndatabase = "mysql://x"', "database", "sqlite"),
        ('[storage]\nobjects = "ftp://x"', "objects", "objects"),
        ('[screening]\npolicy = "missing.toml"', "policy", "missing.toml"),
        ('[vocabulary]\nlexicons = ["missing.toml"]', "vocabulary", "missing.toml"),
        (
            '[storage]\ndatabase = "postgresql://u:hush@127.0.0.1:1/x?connect_timeout=1"',
            "database",
            "does not answer",
        ),
    ],
)
def test_each_mistake_is_named_and_the_rest_still_told(checked, home, toml, name, says):
    home.mkdir()
    (home / "perisai.toml").write_text(toml + "\n")
    status, facts = checked()
    assert status == 2
    state, detail = facts[name]
    assert state == "mistake"
    assert says in detail
    assert "hush" not in json.dumps(facts)
    assert "under 13" in facts


@pytest.mark.parametrize(
    ("toml", "name", "says"),
    [
        ("[gateway]\nanonymous = false", "keys", "nobody is answered"),
        ('[gateway]\nhost = "0.0.0.0"', "address", "HTTPS"),
        ("[gateway]\ncurated_under_13 = false", "under 13", "models alone"),
        (
            '[gateway.upstreams.o]\ntype = "openverse"\nbands = ["6-9"]',
            "upstream o",
            "strangers",
        ),
    ],
)
def test_what_is_worth_knowing_is_no_mistake(checked, home, toml, name, says):
    home.mkdir()
    (home / "perisai.toml").write_text(toml + "\n")
    status, facts = checked()
    assert status == 0
    assert facts[name][0] == "note"
    assert says in facts[name][1]


_ISSUER = 'issuer = "https://login.example.go.id"'
OUTSIDE = {
    "agency kementerian": f'''[agencies.kementerian]
{_ISSUER}
client_id = "perisai"
secret_env = "SECRET_HERE"
label = "Kementerian Contoh"''',
    "receiver polisi": '''[receivers.polisi]
url = "https://example.org/perisai"
secret_env = "SECRET_HERE"''',
    "mail": '''[mail]
host = "mail.example.org"
user = "perisai"
password_env = "SECRET_HERE"''',
}


@pytest.mark.parametrize(("name", "toml"), OUTSIDE.items(), ids=OUTSIDE)
def test_the_secret_of_whoever_the_desk_talks_to(checked, home, monkeypatch, name, toml):
    home.mkdir()
    (home / "perisai.toml").write_text(f"{toml}\n")
    for value in (None, ""):
        monkeypatch.delenv("SECRET_HERE", raising=False)
        if value is not None:
            monkeypatch.setenv("SECRET_HERE", value)
        status, facts = checked()
        assert (status, facts[name][0]) == (2, "mistake")
        assert "perisai.toml:" in facts[name][1], "where it stands"
        assert "SECRET_HERE, which is not set or empty; put" in facts[name][1], "what to do"
    monkeypatch.setenv("SECRET_HERE", "geheim")
    status, facts = checked()
    assert (status, facts[name][0]) == (0, "good")
    assert "geheim" not in json.dumps(facts)


def test_a_secret_that_others_can_read(checked, home):
    home.mkdir()
    (home / "signing.key").write_text("00" * 32)
    (home / "signing.key").chmod(0o644)
    status, facts = checked()
    assert (status, facts["secret"][0]) == (2, "mistake")
    assert "chmod 600" in facts["secret"][1]


@pytest.mark.skipif(not hasattr(os, "geteuid") or not os.geteuid(), reason="root may write all")
def test_a_folder_that_cannot_be_written(checked, home):
    home.mkdir(mode=0o500)
    assert checked()[1]["home"][0] == "mistake"


def test_a_home_that_is_a_file(checked, home):
    home.write_text("in the way")
    status, facts = checked()
    assert (status, facts["home"][0]) == (2, "mistake")


def test_a_bucket_is_asked_whether_it_is_there(checked, bucket, monkeypatch):
    for name, value in bucket.items():
        monkeypatch.setenv(name, value)
    status, facts = checked()
    assert (status, facts["objects"][0]) == (0, "good")
    assert facts["objects"][1].startswith("s3://perisai-test/some/prefix answers")
    monkeypatch.setenv("PERISAI_STORAGE__OBJECTS", "s3://missing")
    status, facts = checked()
    assert (status, facts["objects"][0]) == (2, "mistake")
    assert "NoSuchBucket" in facts["objects"][1]
    monkeypatch.setenv("PERISAI_STORAGE__S3_ENDPOINT", "http://127.0.0.1:9")
    status, facts = checked()
    assert (status, facts["objects"][0]) == (2, "mistake")
    assert "storage.objects" in facts["objects"][1]


def test_postgresql_is_asked_and_its_password_not_shown(checked, postgresql, perisai, monkeypatch):
    address = postgresql.replace("postgres@", "postgres:geheim@")
    monkeypatch.setenv("PERISAI_STORAGE__DATABASE", address)
    status, facts = checked()
    assert (status, facts["database"][0], facts["keys"][0]) == (0, "good", "note")
    assert perisai("keys", "create", "app", "--age-band", "6-9").status == 0
    assert checked()[1]["keys"] == ("good", "app (6-9)")
    monkeypatch.setenv("PERISAI_STORAGE__DATABASE", address.rpartition("/")[0] + "/missing")
    said = perisai("check-config")
    assert said.status == 2
    assert "PostgreSQL database missing on 127.0.0.1" in said.out
    assert "geheim" not in said.both
