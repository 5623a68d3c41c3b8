"""``perisai keys`` and ``perisai catalogue``, as an operator uses them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from perisai import settings
from perisai.gateway.clients import age_secret
from perisai.gateway.secrets import signing_secret
from perisai.gateway.uploads.shadow import NAME, counted
from perisai.storage.open import open_store
from perisai.terms import AgeBand
from tests.common import drawn, screening

if TYPE_CHECKING:
    from pathlib import Path

MANY = 150
"""Files of which some are still to come when the first have been told, also on a busy machine."""


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
    assert item in perisai("catalogue", "list", "--pending").out
    told = perisai("catalogue", "approve", item, "--bands", "3-5,6-9", "--by", "siti")
    assert "approved for 3-5, 6-9" in told.out
    assert perisai("catalogue", "list", "--pending").out == "Nothing waits for a person.\n"
    (folder / "cat dance.gif").write_bytes(screening.clip(screening.scene(4)))
    perisai("catalogue", "import", folder, "--collection", "mine")
    assert item in perisai("catalogue", "list", "--pending").out
    assert perisai("catalogue", "approve", "--bands", "all", "--by", "siti").status == 2
    assert perisai("catalogue", "approve", "x", "--bands", "all", "--by", "siti").status == 2
    assert perisai("catalogue", "approve", item, "--bands", "7", "--by", "siti").status == 2
    assert perisai("catalogue", "withdraw", "--collection", "mine", "--by", "siti").status == 0
    judged = perisai("catalogue", "decide", item, "--confirm", "--by", "siti")
    assert "explicit confirmed by siti" in judged.out
    assert perisai("catalogue", "decide", "nonsense", "--clear", "--by", "siti").status == 2
    assert perisai("catalogue", "remove", item).out == "1 removed.\n"
    assert "Nothing is there yet" in perisai("catalogue", "list").out


def test_the_secrets_of_a_key_are_shown_and_end_with_it(perisai):
    perisai("keys", "create", "app", "--age-band", "6-9", "--key", "a-childs-key")
    said = perisai("keys", "secrets", "app")
    told = dict(line.split(": ") for line in said.out.splitlines())
    assert set(told) == {"age_secret", "webhook_secret"}
    assert len({*told.values()}) == 2
    assert json.loads(perisai("keys", "secrets", "app", "--json").out) == {"name": "app", **told}
    chosen = settings.load()
    digest = hashlib.sha256(b"a-childs-key").hexdigest()
    assert told["age_secret"] == age_secret(signing_secret(chosen), digest)
    perisai("keys", "revoke", "app")
    assert perisai("keys", "secrets", "app").status == 2
    assert "no key 'nobody'" in perisai("keys", "secrets", "nobody").err


def test_a_key_with_a_bad_webhook_or_name_is_not_made(perisai):
    for url in ("http://example.org/", "https://10.0.0.1/", "https://localhost/", "x"):
        said = perisai("keys", "create", "app", "--age-band", "6-9", "--webhook", url)
        assert said.status == 2
        assert "--webhook" in said.err
    for name in ("", "x" * 101, "a\nb"):
        assert perisai("keys", "create", name, "--age-band", "6-9").status == 2
    assert perisai("keys", "list", "--json").out == ""
    made = perisai(
        "keys", "create", "app", "--age-band", "6-9", "--webhook", "https://example.org/hook"
    )
    assert made.status == 0


def test_a_report_of_shadow_mode(perisai, tmp_path):
    perisai("keys", "create", "trial", "--age-band", "6-9", "--shadow")
    assert "Nothing was judged" in perisai("shadow", "report").out
    store = open_store(settings.load())
    today = datetime.now(UTC).date()
    for decision, rule, n in (("allow", "nothing-found", 8), ("withhold", "looks-explicit", 2)):
        labels = counted("trial", decision, rule, shadow=True, band=AgeBand.AGE_6_9, kind="gif")
        store.count(today, NAME, labels, n)
    store.close()
    page = tmp_path / "report.html"
    said = perisai("shadow", "report", "--key", "trial", "--html", page)
    assert said.status == 0
    assert "10 uploads judged; 2 (20.0%) would have been withheld" in said.out
    assert "looks-explicit" in said.out
    assert "<svg" in page.read_text()
    told = json.loads(perisai("shadow", "report", "--json").out)
    assert (told["judged"], told["would_be_withheld"], told["keys"]) == (10, 2, ["trial"])
    assert "10 unggahan" in perisai("shadow", "report", "--lang", "id").out
    later = today + timedelta(days=1)
    assert json.loads(perisai("shadow", "report", "--json", "--since", later).out)["judged"] == 0
    assert perisai("shadow", "report", "--key", "nobody").status == 2
    assert perisai("shadow", "report", "--since", "yesterday").status == 2
    assert perisai("shadow", "report", "--html", tmp_path / "no" / "x.html").status == 2


def test_an_import_into_no_catalogue_is_refused(perisai, tmp_path):
    said = perisai("catalogue", "import", tmp_path, "--name", "perisai")
    assert (said.status, said.out) == (2, "")
    assert "no catalogue of this name; use catalogue" in said.err


def test_an_import_asks_the_service_and_a_stopped_one_goes_on(tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(MANY):
        frames = [drawn.drawing(number, step / 4, 120, 90) for step in range(4)]
        (folder / f"{number}.gif").write_bytes(screening.clip(frames))
    env = os.environ | screening.environment(tmp_path)

    def start(*words: str | Path) -> subprocess.Popen[str]:
        line = [sys.executable, "-m", "perisai", *map(str, words)]
        pipe = subprocess.PIPE
        return subprocess.Popen(line, env=env, stdout=pipe, stderr=pipe, text=True)

    service = start("service")
    try:
        assert "screens for this machine" in service.stderr.readline()
        with start("catalogue", "import", folder, "--json") as first:
            begun = [json.loads(first.stdout.readline()) for _ in range(5)]
            first.send_signal(signal.SIGINT)
            # Not communicate(), which would pass over what readline() has read ahead.
            told = [*begun, *map(json.loads, first.stdout)]
            errors = first.stderr.read()
        assert (first.returncode, errors.splitlines()[-1]) == (130, "Stopped.")
        assert "Traceback" not in errors
        assert 5 <= len(told) < MANY
        assert {each["state"] for each in told} == {"added"}
        again = start("catalogue", "import", folder, "--json")
        out, errors = again.communicate(timeout=120)
        states = {each["id"]: each["state"] for each in map(json.loads, out.splitlines())}
        assert again.returncode == 0, errors
        assert len(states) == MANY
        assert all(states[each["id"]] == "kept" for each in told)
        assert set(states.values()) == {"kept", "added"}
        status = start("service", "--status")
        done = status.communicate(timeout=30)[0]
        assert int(re.search(r"(\d+) done", done)[1]) >= MANY
    finally:
        service.terminate()
        service.communicate(timeout=30)


def test_a_catalogue_is_imported_out_of_a_bucket(perisai, bucket, monkeypatch, tmp_path):
    import obstore

    from perisai import settings
    from perisai.storage.objects.s3 import open_bucket

    monkeypatch.setenv("PERISAI_STORAGE__S3_ENDPOINT", bucket["PERISAI_STORAGE__S3_ENDPOINT"])
    scene = screening.scene(3)
    files = open_bucket(settings.load(), "s3://perisai-test/mine")
    obstore.put(files, "cat dance.gif", screening.clip(scene))
    obstore.put(files, "bad.gif", screening.clip([scene[0], screening.marked(scene[1])]))
    said = perisai("catalogue", "import", "s3://perisai-test/mine", "--json")
    assert said.status == 1
    states = {line["file"]: line["state"] for line in map(json.loads, said.out.splitlines())}
    assert states == {"cat dance.gif": "added", "bad.gif": "withheld"}
    again = perisai("catalogue", "import", "s3://perisai-test/mine")
    assert "1 kept" in again.out
    missing = perisai("catalogue", "import", "s3://missing")
    assert (missing.status, missing.out) == (2, "")
    assert "NoSuchBucket" in missing.err
