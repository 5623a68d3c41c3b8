"""Asked through the service, the command line says the same."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import replace

import pytest

from perisai import Screener
from perisai.errors import ServiceError
from perisai.screening.service.client import Client
from perisai.screening.service.local import Local
from perisai.screening.service.served import Served
from perisai.terms import Label
from tests.common import screening, writers


@pytest.fixture
def files(tmp_path, clean, explicit):
    """Good, bad and odd files."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "clean.gif").write_bytes(clean)
    (folder / "lies.png").write_bytes(explicit)
    (folder / "explicit.gif").write_bytes(explicit + b"appended")
    (folder / "clip.mp4").write_bytes(writers.video(screening.scene(4, 160, 120)))
    (folder / "broken.gif").write_bytes(clean[:40])
    (folder / "text.gif").write_bytes(b"no picture")
    (folder / "empty.gif").write_bytes(b"")
    (folder / "link.gif").symlink_to("nowhere")
    with (folder / "huge.gif").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    (folder / os.fsdecode(b"n\xff\x1bme.gif")).write_bytes(clean)
    return folder


def untimed(result):
    return replace(result, elapsed_ms=0.0, stages_ms=dict.fromkeys(result.stages_ms))


def test_every_result_is_the_same(house, files):
    listed = screening.scene(4)[1]
    screening.create_list(house.settings.home, "own", [listed])
    with Screener(house.settings) as alone:
        sources = [*sorted(files.iterdir()), files, files / "missing"]
        expected = {result.path: untimed(result) for result in alone.screen_many(sources)}
        house.serve()
        with Served(house.settings) as served:
            found = {result.path: untimed(result) for result in served.screen_many(sources)}
            assert found == expected
            data = (files / "explicit.gif").read_bytes()
            assert untimed(served.screen(data, name="-")) == untimed(alone.screen(data, name="-"))
            sha256 = found[str(files / "clean.gif")].sha256
            screening.create_list(house.settings.home, "sealed", sha256=sha256, label=Label.ABUSE)
            both = [untimed(each.screen(clean_of(files), name="x")) for each in (alone, served)]
            assert both[0] == both[1]
            assert both[0].sealed


def test_with_an_event_loop_the_whole_result_is_the_same_too(house, explicit):
    house.serve()

    async def run():
        async with Client(house.settings) as client, Local(house.settings) as local:
            for data in (explicit, b"no picture", bytes(64 * 1024 * 1024 + 1)):
                for name in ("", "clip.png"):
                    one, two = [await each.look(data, name) for each in (client, local)]
                    assert one[0] == two[0]
                    assert untimed(one[1]) == untimed(two[1])

    asyncio.run(run())


def clean_of(files):
    return (files / "clean.gif").read_bytes()


def lines(said):
    found = [json.loads(line) for line in said.stdout.splitlines()]
    return sorted((each | {"elapsed_ms": 0} for each in found), key=lambda each: each["path"])


def test_the_command_says_the_same_and_asks_the_service(house, files):
    for name in ("huge.gif", os.fsdecode(b"n\xff\x1bme.gif")):
        (files / name).unlink()
    alone = house.run("screen", "--json", files)
    people = house.run("screen", files)
    house.serve()
    served = house.run("screen", "--json", files)
    assert (served.returncode, served.stderr) == (alone.returncode, alone.stderr) == (3, "")
    assert lines(served) == lines(alone)
    asked = len(lines(alone)) - 1  # nobody can read the link that leads nowhere
    assert done(house) == asked
    said = house.run("screen", files)
    same = [sorted(shape(each.stdout)) for each in (said, people)]
    assert same[0] == same[1]
    report = files.parent / "report.html"
    assert house.run("screen", files, "--report", report).returncode == 3
    assert "explicit.gif" in report.read_text()
    assert done(house) == 3 * asked


def shape(text):
    """Lines without what depends on the clock."""
    return [line for line in text.splitlines() if "files/s" not in line and " s" not in line[-3:]]


def done(house):
    return json.loads(house.run("service", "--status", "--json").stdout)["done"]


@pytest.mark.parametrize(
    "option",
    [
        ["--no-service"],
        ["--every-frame"],
        ["--whole-picture"],
        ["--policy", "generic"],
        ["--policy", "id"],
        ["--model", "tiny"],
        ["--jobs", "1"],
    ],
)
def test_with_an_option_that_changes_how_it_looks_it_screens_by_itself(house, files, option):
    house.serve()
    assert house.run("screen", files / "clean.gif", *option).returncode == 0
    assert done(house) == 0


def test_with_other_settings_it_screens_by_itself(house, files):
    house.serve(SCREENING__POLICY="generic")
    said = house.run("screen", files / "clean.gif")
    assert (said.returncode, said.stderr) == (0, "")


def test_what_a_killed_service_cannot_answer_is_screened_here(house, tmp_path, long, clean):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.gif").write_bytes(long if number < 4 else clean)
    service = house.serve()
    with Served(house.settings) as served:
        results = served.screen_many(sorted(folder.iterdir()))
        found = [next(results)]
        service.kill()
        found += list(results)
    assert sorted(result.path for result in found) == sorted(map(str, folder.iterdir()))
    assert {result.error for result in found} == {None}


def test_a_full_line_is_waited_for(house, files, clean):
    house.serve(SCREENING__JOBS=1, SERVICE__QUEUE=1)
    copies = [files / f"{number}.gif" for number in range(8)]
    for copy in copies:
        copy.write_bytes(clean)
    with Served(house.settings) as one, Served(house.settings) as two:
        first, second = one.screen_many(copies), two.screen_many(copies)
        both = [result for pair in zip(first, second, strict=True) for result in pair]
    assert len(both) == 16
    assert {result.error for result in both} == {None}


def test_without_a_service(house):
    assert Served.if_running(house.settings) is None
    with pytest.raises(ServiceError, match="`perisai service`"):
        Served(house.settings)
    service = house.serve()
    service.send_signal(signal.SIGKILL)
    service.wait()
    assert Served.if_running(house.settings) is None  # its socket is there still
