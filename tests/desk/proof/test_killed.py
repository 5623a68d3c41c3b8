"""A process that writes complaints and events is killed at any moment: nothing is lost.

It says of each write that it is done only after the transaction has ended. ``PERISAI_PROOF_KILLS``
says how often one is killed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from perisai import settings as settings_package
from perisai.desk.opening import open_house
from perisai.storage.configuration import alias_of, database
from tests.common.servers import clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from perisai.desk.house import House

pytestmark = [pytest.mark.on_both, pytest.mark.timeout(900)]
KILLS = int(os.environ.get("PERISAI_PROOF_KILLS", "20"))
WRITES = """
import os, sys
from perisai import settings
from perisai.desk.site import configure_site
chosen = settings.load()
configure_site(chosen, "desk")
from datetime import timedelta
from perisai.desk.cases import domain as cases
from perisai.desk.opening import open_house
from perisai.desk.sample import INTAKE, OFFICER
def say(*words):
    sys.stdout.write(" ".join(words) + "\\n")
    sys.stdout.flush()
def write():
    house = open_house(chosen)
    say("begins", str(os.getpid()))
    for turn in range(250):
        one = house.receive({"what": f"aduan {turn}", "words": "kucing"}, reporter="ani")
        say("complaint", one.id, "1")
        case = house.open_case(
            INTAKE, title="x", platform="y", words=[], complaint=one.id,
            promised=house.clock() + timedelta(days=9),
        )
        say("complaint", one.id, "2")
        for position in range(2):
            noted = lambda known: cases.note(known, OFFICER, "x", "internal")
            case = house.change_case(case.id, OFFICER, noted)
            say("case", case.id, str(case.position))
for _ in sys.stdin:  # each line: one who writes, in a process that has opened nothing before
    child = os.fork()
    if not child:
        write()
        os._exit(0)
    os.waitpid(child, 0)
    say("over")
"""
"""A thousand writes by each, unless it is killed: it is not asked to stop, and cannot hear it."""


@contextmanager
def writers(env: dict[str, str]) -> Iterator[Callable[[int, float], list[str]]]:
    """``one(writes, seconds)``: kill one so long after so many writes; what it acknowledged.

    Each is a line: what was written to, its key, and the place there.
    """
    command = [sys.executable, "-c", WRITES]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True) as parent:

        def one(writes: int, seconds: float) -> list[str]:
            assert parent.stdin is not None
            assert parent.stdout is not None
            parent.stdin.write("one\n")
            parent.stdin.flush()
            word, number = parent.stdout.readline().split()
            assert word == "begins"
            told = [parent.stdout.readline() for _ in range(writes)]
            time.sleep(seconds)
            os.kill(int(number), signal.SIGKILL)
            while (line := parent.stdout.readline()) and not line.endswith("over\n"):
                told.append(line)  # the last one may be half a line, with that word after it
            return told

        yield one
        parent.stdin.close()


def test_what_was_acknowledged_outlives_every_kill(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    settings = settings_package.load(env=environment, home=tmp_path)
    env = clean_environment() | environment | {"PERISAI_HOME": str(tmp_path)}
    alias = alias_of(database(settings))
    acknowledged: dict[str, int] = {}
    moments, writes = random.Random(4), 0
    with writers(env) as one:
        for _ in range(KILLS):
            told = one(moments.randrange(100), moments.uniform(0, 0.02))
            writes += len(told)
            fresh = {f"{kind}:{key}": int(place) for kind, key, place in map(str.split, told)}
            acknowledged |= fresh
            house = open_house(settings, alias)
            assert house.log.verify() is None
            nothing_lost(house, fresh)
            connections[alias].close()
    assert writes > 25 * KILLS
    house = open_house(settings, alias)
    nothing_lost(house, acknowledged)
    assert house.rebuild(write=False) == []
    connections[alias].close()


def nothing_lost(house: House, places: dict[str, int]) -> None:
    for stream, place in places.items():
        assert len(house.log.stream(stream)) >= place, f"{stream} has lost something"
