"""A process that writes complaints and events is killed at any moment: nothing is lost.

It says of each write that it is done only after the transaction has ended. ``PERISAI_PROOF_KILLS``
says how often it is killed; 20 is the whole.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from perisai import settings as settings_package
from perisai.desk.opening import open_house
from perisai.storage.configuration import alias_of, database
from tests.common.servers import clean_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.on_both, pytest.mark.timeout(900)]
KILLS = int(os.environ.get("PERISAI_PROOF_KILLS", "2"))
WRITES = """
import sys
from perisai import settings
from perisai.desk.site import configure_site
chosen = settings.load()
configure_site(chosen, "desk")
from datetime import timedelta
from perisai.desk.cases import domain as cases
from perisai.desk.opening import open_house
from perisai.desk.sample import INTAKE, OFFICER
house = open_house(chosen)
def say(*words):
    sys.stdout.write(" ".join(words) + "\\n")
    sys.stdout.flush()
say("begins")
for turn in range(250):
    one = house.receive({"what": f"aduan {turn}", "words": "kucing"}, reporter="ani")
    say("complaint", one.id, "1")
    case = house.open_case(
        INTAKE, title="x", platform="y", words=[], promised=house.clock() + timedelta(days=9),
        complaint=one.id,
    )
    say("complaint", one.id, "2")
    for position in range(2):
        noted = lambda known: cases.note(known, OFFICER, "x", "internal")
        case = house.change_case(case.id, OFFICER, noted)
        say("case", case.id, str(case.position))
"""


def killed_after(seconds: float, env: dict[str, str]) -> dict[str, int]:
    """Let it write for so long, kill it, and return what it acknowledged: streams and places."""
    command = [sys.executable, "-c", WRITES]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begins\n"
        time.sleep(seconds)
        writer.kill()
        said = writer.stdout.read().splitlines()
    told = {}
    for line in said:
        words = line.split()
        if len(words) == 3:  # the last one may be half a line
            told[f"{words[0]}:{words[1]}"] = int(words[2])
    return told


def test_what_was_acknowledged_outlives_every_kill(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    settings = settings_package.load(env=environment, home=tmp_path)
    env = clean_environment() | environment | {"PERISAI_HOME": str(tmp_path)}
    alias = alias_of(database(settings))
    acknowledged: dict[str, int] = {}
    moments = random.Random(4)
    for _ in range(KILLS):
        acknowledged |= killed_after(moments.uniform(0.05, 1.5), env)
        house = open_house(settings, alias)
        assert house.log.verify() is None
        for stream, position in acknowledged.items():
            assert len(house.log.stream(stream)) >= position, f"{stream} has lost something"
        assert house.rebuild(write=False) == []
        connections[alias].close()
    assert acknowledged
