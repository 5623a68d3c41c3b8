"""What evidence rests on: it changes with what changes results, and with nothing else."""

from __future__ import annotations

import asyncio
import shutil
import threading
from datetime import UTC, datetime, timedelta

import pytest

from perisai.errors import ListError, ServiceError
from perisai.matching.lists import ListStore
from perisai.policy import Policy
from perisai.screening.judging import judge
from perisai.screening.service import local as module
from perisai.screening.service.basis import choices, model_files
from perisai.screening.service.local import Local
from perisai.terms import AgeBand, Decision, Label, Source
from tests.common import screening, tinymodel

POLICY = Policy.load("id")


async def basis_of(settings):
    async with Local(settings) as local:
        return await local.basis()


@pytest.fixture
def at_once(monkeypatch):
    """Lists are asked for changes at every call."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.0)


@pytest.mark.parametrize(
    "more",
    [
        {"SCREENING__POLICY": "generic"},
        {"SCREENING__BOUND": 11.0},
        {"SCREENING__GRID": 8},
        {"SCREENING__EVERY_FRAME": "true"},
        {"SCREENING__WHOLE_PICTURE": "always"},
        {"SCREENING__WIDE_RATIO": 3.0},
        {"SCREENING__ENGINE": "onnxruntime"},
        {"SCREENING__PRECISION": "f32"},
        {"MEDIA__MAX_FRAMES": 100},
        {"WORKER__MEMORY_MB": 512},
    ],
)
def test_each_choice_that_changes_results_changes_it(tiny, tmp_path, more):
    plain = screening.settings(tiny, HOME=tmp_path)
    other = screening.settings(tiny, HOME=tmp_path, **more)
    assert choices(plain) != choices(other)
    if "SCREENING__PRECISION" not in more:  # some processors know one precision only
        assert asyncio.run(basis_of(plain)) != asyncio.run(basis_of(other))


def test_what_changes_no_result_changes_nothing(tiny, tmp_path):
    plain = screening.settings(tiny, HOME=tmp_path)
    more = {"SCREENING__JOBS": 1, "SCREENING__AGE_BAND": "adult", "POLICY__REVIEWERS": "true"}
    other = screening.settings(tiny, HOME=tmp_path, SERVICE__QUEUE=7, **more)
    assert choices(plain) == choices(other)
    assert asyncio.run(basis_of(plain)) == asyncio.run(basis_of(other))


def test_another_file_of_an_unpinned_model_changes_it(tmp_path):
    settings = screening.settings(tmp_path)
    before = asyncio.run(basis_of(settings))
    file = tmp_path / "tiny.onnx"
    model = tinymodel.build()
    model.doc_string = "another"
    file.write_bytes(model.SerializeToString())
    assert asyncio.run(basis_of(settings)) != before


def test_a_pinned_model_is_known_by_its_pin(tmp_path):
    settings = screening.settings(tmp_path, SCREENING__MODELS="opennsfw")
    assert list(model_files(settings)) == ["opennsfw"]
    assert len(model_files(settings)["opennsfw"]) == 64


def test_every_change_of_a_list_changes_it_and_an_export_does_not(tiny, tmp_path, at_once):
    async def run():
        settings = screening.settings(tiny, HOME=tmp_path / "home")
        async with Local(settings) as local:
            seen = [await local.basis()]
            store = screening.create_list(settings.home, "own", screening.scene(1))
            seen.append(await local.basis())
            screening.add_pictures(store, "own", screening.scene(2))
            seen.append(await local.basis())
            store.log_export("own", {"form": "csv"})
            assert await local.basis() == seen[-1]
            store.remove("own")
            seen.append(await local.basis())
            assert len(set(seen)) == len(seen)

    asyncio.run(run())


def test_a_list_whose_last_day_is_over_changes_it(tiny, tmp_path, at_once):
    async def run():
        settings = screening.settings(tiny, HOME=tmp_path / "home")
        today = datetime.now(UTC).date()
        screening.create_list(settings.home, "own", screening.scene(1), expires=today)
        async with Local(settings) as local:
            before = await local.basis()
            local.screener.matcher._today = today + timedelta(days=1)
            assert await local.basis() != before

    asyncio.run(run())


def test_a_backup_with_other_changes_is_not_taken_for_what_was_there(tiny, tmp_path, at_once):
    """The same number of changes, the same lists, the same counts: another history."""

    async def run():
        settings = screening.settings(tiny, HOME=tmp_path / "home")
        one, two = screening.scene(2)
        store = screening.create_list(settings.home, "own")
        shutil.copytree(settings.home, tmp_path / "backup")
        screening.add_pictures(store, "own", [one])
        async with Local(settings) as local:
            before = await local.basis()
            screening.add_pictures(ListStore(tmp_path / "backup"), "own", [two])
            generation = local.screener.matcher.generation
            for name in ("lists.sqlite3-wal", "lists.sqlite3-shm"):
                (settings.home / name).unlink(missing_ok=True)
            ListStore(tmp_path / "backup")
            (tmp_path / "backup" / "lists.sqlite3").replace(settings.home / "lists.sqlite3")
            assert await local.basis() != before
            assert local.screener.matcher.generation == generation

    asyncio.run(run())


def test_lists_are_asked_at_most_once_a_second(tiny, tmp_path):
    async def run():
        settings = screening.settings(tiny, HOME=tmp_path / "home")
        async with Local(settings) as local:
            before = await local.basis()
            screening.create_list(settings.home, "own", screening.scene(1))
            assert await local.basis() == before
            await asyncio.sleep(module.POLL_SECONDS)
            assert len({before, *await asyncio.gather(*(local.basis() for _ in range(50)))}) == 2

    asyncio.run(run())


def test_what_is_screened_meanwhile_rests_on_the_lists_before(
    tiny, tmp_path, at_once, clean, monkeypatch
):
    begun, go_on = threading.Event(), threading.Event()

    def held(screen):
        """The real look, which begins when we say so."""

        def look(*args, **more):
            begun.set()
            assert go_on.wait(60)
            return screen(*args, **more)

        return look

    async def run():
        settings = screening.settings(tiny, HOME=tmp_path / "home")
        async with Local(settings) as local:
            before = await local.basis()
            monkeypatch.setattr(local.screener, "screen", held(local.screener.screen))
            looking = asyncio.create_task(local.screen(clean))
            await asyncio.to_thread(begun.wait, 60)
            screening.create_list(settings.home, "own", screening.scene(1))
            after = await local.basis()
            go_on.set()
            assert (await looking).basis == before != after
            assert (await local.screen(clean)).basis == after

    asyncio.run(run())


def test_lists_that_cannot_be_read_are_told_and_withhold(tiny, tmp_path, at_once, clean):
    async def run():
        settings = screening.settings(tiny, HOME=tmp_path / "home")
        screening.create_list(settings.home, "own", screening.scene(1))
        async with Local(settings) as local:
            assert (await local.screen(clean)).error is None
            (settings.home / "lists.sqlite3").rename(tmp_path / "away")
            with pytest.raises(ListError, match="is gone"):
                await local.basis()
            looked = await local.screen(clean)
            assert looked.error[0] == "bad_list"
            assert not looked.lasting
            assert judge(looked, (), POLICY).bands[AgeBand.ADULT].decision is Decision.UNSCREENABLE

    asyncio.run(run())


def test_evidence_of_a_listed_file_and_of_one_on_an_abuse_list(tiny, tmp_path, at_once, clean):
    async def run():
        settings = screening.settings(tiny, HOME=tmp_path / "home")
        async with Local(settings) as local:
            looked = await local.screen(clean)
            assert (looked.findings, looked.covered) == ((), {Label.EXPLICIT})
            assert (looked.type, looked.width, looked.height, looked.frames) == ("gif", 120, 90, 4)
            assert (looked.duration_ms, looked.size) == (320, len(clean))
            screening.create_list(settings.home, "own", sha256=looked.sha256)
            listed = await local.screen(clean)
            assert [f.by for f in listed.findings] == ["own"]
            assert listed.covered == {Label.EXPLICIT, Label.LISTED}
            screening.create_list(settings.home, "sealed", sha256=looked.sha256, label=Label.ABUSE)
            sealed = await local.screen(clean)
            assert [(f.label, f.source, f.by, f.frame) for f in sealed.findings] == [
                (Label.ABUSE, Source.HASH, "", None)
            ]

    asyncio.run(run())


def test_a_closed_one_says_so(tiny, tmp_path, clean):
    async def run():
        local = Local(screening.settings(tiny, HOME=tmp_path))
        await local.close()
        await local.close()
        for asked in (local.basis(), local.screen(clean)):
            with pytest.raises(ServiceError, match="closed"):
                await asked

    asyncio.run(run())


def test_closing_finishes_what_runs(tiny, tmp_path, long):
    async def run():
        local = Local(screening.settings(tiny, HOME=tmp_path, SCREENING__JOBS=1))
        running = asyncio.create_task(local.screen(long))
        await asyncio.sleep(0.1)
        waiting = asyncio.create_task(local.screen(long))
        await asyncio.sleep(0)
        await local.close()
        assert (await running).error is None
        with pytest.raises(ServiceError, match="before this file's turn"):
            await waiting

    asyncio.run(run())


def test_a_lane_is_taken_until_its_thread_has_finished(tiny, tmp_path, long, clean):
    async def run():
        async with Local(screening.settings(tiny, HOME=tmp_path, SCREENING__JOBS=1)) as local:
            given_up = asyncio.create_task(local.screen(long))
            await asyncio.sleep(0.1)
            given_up.cancel()
            await asyncio.sleep(0)
            assert local.turns.busy == 1
            await local.screen(clean)
            assert local.turns.done == 2

    asyncio.run(run())


def test_a_file_over_the_limit_is_an_answer_with_its_hash(tiny, tmp_path, clean):
    async def run():
        settings = screening.settings(tiny, HOME=tmp_path, MEDIA__MAX_BYTES=1000)
        async with Local(settings) as local:
            looked = await local.screen(clean)
            assert looked.error[0] == "too_large"
            assert len(looked.sha256) == 64

    asyncio.run(run())
