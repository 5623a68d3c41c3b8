"""Several processes that write at once, and processes that are killed while they write."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.storage.facts import NOW, opened

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES, ROUNDS = 3, 25

WRITES = """
import json, sys
from dataclasses import replace
from pathlib import Path
from perisai.storage.ports import Counted
from perisai.storage.records import Delivery
from tests.storage.facts import ENTRY, NOW, OPINION, OUTCOME, REPORT, SCREENED, UPLOAD, opened
me, rounds = int(sys.argv[3]), int(sys.argv[4])
store = opened(Path(sys.argv[1]), sys.argv[2])
sys.stdin.readline()
generations, reports, uploads = [], [], []
opinion = replace(OPINION, by=f"{me}")
names = ["a", "b", "c"][:: 1 if me % 2 else -1]
for n in range(rounds):
    sha256 = f"{me:032x}{n:032x}"
    # What takes turns is done in different order by different processes.
    calls = [
        lambda: generations.append(store.add_opinion(replace(opinion, sha256=sha256))),
        lambda: reports.append(store.add_report(replace(REPORT, reason=f"{me}.{n}"))),
        lambda: store.add_counts([Counted(NOW.date(), name, {}, 1) for name in names]),
    ]
    done = store.together(calls[:: 1 if me % 2 else -1])
    assert [error for _, error in done] == [None] * 3, done
    store.keep([replace(SCREENED, sha256=sha256)])
    store.add_entries([replace(ENTRY, id=f"{me}.{n}")])
    upload = replace(UPLOAD, idempotency=f"{n}", number=f"{me}.{n}")
    event = Delivery(f"{n}", "acknowledged", NOW)
    calls = [
        lambda: uploads.append(store.add_upload(upload).number),
        lambda: store.add_outcome(replace(OUTCOME, event=f"{me}.{n}", number=f"{me}.{n}")),
        lambda: store.add_delivery(event),
    ]
    done = store.together(calls[:: 1 if me % 2 else -1])
    assert [error for _, error in done] == [None] * 3, done
print(json.dumps([generations, reports, uploads]))
store.close()
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_processes_that_write_at_once_lose_nothing(database: str, tmp_path: Path) -> None:
    store = opened(tmp_path, database)
    writers = [start(WRITES, tmp_path, database, n, ROUNDS) for n in range(PROCESSES)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    # Meanwhile somebody follows reports and catalogue, remembering the last number only.
    followed, changes, generations = [], [], [0]
    until = time.monotonic() + 90
    while len(changes) < PROCESSES * ROUNDS and time.monotonic() < until:
        assert all(writer.poll() in (None, 0) for writer in writers)
        generations.append(store.generation())
        followed += store.reports(followed[-1][0] if followed else 0, 7)
        changes += store.entry_changes(changes[-1][0] if changes else 0, 7)
    assert len(changes) == PROCESSES * ROUNDS
    said = [json.loads(writer.communicate(timeout=60)[0]) for writer in writers]
    followed += store.reports(followed[-1][0])

    assert generations == sorted(generations)
    assert [number for number, _ in followed] == list(range(1, PROCESSES * ROUNDS + 1))
    given = {f"{me}.{n}": number for me in range(PROCESSES) for n, number in enumerate(said[me][1])}
    assert {report.reason: number for number, report in followed} == given
    assert len({entry.id for _, entry in changes}) == len(changes) == PROCESSES * ROUNDS
    raised = [generation for own, _, _ in said for generation in own]
    assert len(set(raised)) == len(raised)
    assert all(own == sorted(own) for own, _, _ in said)
    assert store.generation() == 2 * PROCESSES * ROUNDS
    for name in "abc":
        assert [each.n for each in store.counts(name, NOW.date())] == [PROCESSES * ROUNDS]
    shas = [f"{me:032x}{n:032x}" for me in range(PROCESSES) for n in range(ROUNDS)]
    assert len(store.screened(shas, "basis")) == len(store.opinions(shas)) == len(shas)
    assert all(uploads == said[0][2] for _, _, uploads in said)  # the first one counts for all
    store.close()


WRITES_ON = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.storage.facts import OPINION, REPORT, SCREENED, opened
store = opened(Path(sys.argv[1]), sys.argv[2])
for n in range(10**6):
    sha256 = f"{n:064x}"
    store.keep([replace(SCREENED, sha256=sha256)])
    calls = [lambda: store.add_opinion(replace(OPINION, sha256=sha256))]
    done = store.together([*calls, lambda: store.add_report(REPORT)])
    assert [error for _, error in done] == [None, None]
    print(n, flush=True)
"""


@pytest.mark.parametrize("after", [1, 40])
def test_what_was_acknowledged_survives_being_killed(
    after: int, database: str, tmp_path: Path
) -> None:
    with start(WRITES_ON, tmp_path, database) as writer:
        assert writer.stdout is not None
        last = 0
        for line in writer.stdout:
            last = int(line)
            if last >= after:
                writer.send_signal(signal.SIGKILL)
                break
    store = opened(tmp_path, database)
    shas = [f"{n:064x}" for n in range(last + 3)]
    assert set(shas[: last + 1]) <= set(store.screened(shas, "basis"))
    opinions, reports = store.opinions(shas), store.reports()
    assert set(shas[: last + 1]) <= set(opinions)
    # What was not acknowledged is there whole or not at all.
    assert [number for number, _ in reports] == list(range(1, len(opinions) + 1))
    assert store.generation() == len(opinions)
    store.close()
