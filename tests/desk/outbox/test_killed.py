"""``kill -9`` between writing down, sending, and writing down what came of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from perisai.desk.outbox import services
from perisai.desk.outbox.models import MessageRow
from tests.common.servers import perisai
from tests.desk.conftest import OFFICER
from tests.desk.outbox import letters
from tests.desk.outbox.receivers import free_port, machine, mail_server
from tests.desk.web import running

ROOT = Path(__file__).parents[3]
SETTINGS = """
[desk]
people_env = "OUTBOX_TEST_KEY"
[mail]
host = "127.0.0.1"
port = {port}
security = "none"
[receivers.police]
url = "{url}"
secret_env = "OUTBOX_TEST_SECRET"
private = true
"""


def told(house) -> dict[str, list[str]]:
    rows = MessageRow.objects.using(house.alias).all()
    return {
        row.channel: [fact.kind[7:] for fact in house.log.stream(f"outbox:{row.id}")]
        for row in rows
    }


@pytest.mark.on_both
def test_killed_at_each_point(house, clock, tmp_path, environment):
    key = letters.ready(house)
    letters.sent(house, key)
    put = {"subject": "Rujukan", "kind": "referral", "address": "police"}
    notice = services.put(house, OFFICER, channel="webhook", receiver="police", **put)
    (mail,) = MessageRow.objects.using(house.alias).filter(channel="email")
    port = free_port()
    with machine() as police, mail_server(port) as box:
        file = tmp_path / "perisai.toml"
        file.write_text(SETTINGS.format(port=port, url=police.url))
        more = {"PERISAI_HOME": str(tmp_path), "PERISAI_CONFIG": str(file)} | environment
        more |= {"OUTBOX_TEST_KEY": (b"k" * 32).hex(), "OUTBOX_TEST_SECRET": "x" * 32}
        env = running.environment(tmp_path, **more)

        def killed(point: str) -> None:
            words = [sys.executable, "-m", "tests.desk.outbox.killed", point]
            words.append(clock().isoformat())
            ended = subprocess.run(words, env=env, cwd=ROOT, capture_output=True, check=False)
            assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()

        killed("before")
        assert (police.got, box.mails) == ([], [])
        assert told(house) == {"email": ["put", "tried"], "webhook": ["put", "tried"]}

        clock.on(minutes=3)
        killed("after")
        assert (len(police.got), box.numbers) == (1, [mail.id])
        assert told(house)["webhook"] == ["put", "tried", "tried"]
        assert services.message(house, notice.id).red

        # The desk itself starts, and delivers what nobody has finished.
        with running.started(tmp_path, **more):
            for _ in range(200):
                if told(house)["webhook"][-1] == "acknowledged" and len(box.mails) == 2:
                    break
                time.sleep(0.05)
    assert (len(police.got), police.kept) == (2, {notice.id}), "a repetition has the same number"
    assert box.numbers == [mail.id, mail.id]
    tries = ["put", "tried", "tried", "tried"]
    assert told(house) == {"email": [*tries, "delivered"], "webhook": [*tries, "acknowledged"]}

    def said(*words: str) -> subprocess.CompletedProcess[str]:
        words = perisai("outbox", *words)
        return subprocess.run(words, env=env, capture_output=True, text=True, check=False)

    nothing = said("deliver", "--now")
    assert (nothing.returncode, nothing.stdout) == (0, "Nothing is due.\n")
    listed = said("list", "--json")
    assert listed.returncode == 1
    (line,) = map(json.loads, listed.stdout.splitlines())
    assert (line["id"], line["standing"]) == (mail.id, "delivered")
    assert house.rebuild(write=False) == []
    assert house.log.verify() is None


def test_all_or_nothing(house, monkeypatch):
    from perisai.desk.outbox import domain

    key = letters.ready(house)
    monkeypatch.setattr(domain, "put", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        letters.sent(house, key)
    assert house.case(key).summons["s-1"].sent is None
    assert not MessageRow.objects.using(house.alias).exists()
    assert timedelta(0) < house.case(key).clocks["result"].left(house.clock())
