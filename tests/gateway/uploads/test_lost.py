"""What was lost, is outdated or cannot be kept is never told as allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from perisai.errors import StorageError
from perisai.gateway.uploads import jobs as jobs_module
from perisai.storage.memory import MemoryStore
from tests.gateway.search.house import clean, marked
from tests.gateway.uploads.house import APP, ASYNC, api_key, idem, open_house


def test_what_was_lost_is_never_allowed_and_can_be_sent_again(
    run, folder, local, monkeypatch
) -> None:
    monkeypatch.setattr(jobs_module, "CLOSING_SECONDS", 0.1)

    async def body() -> None:
        kept = MemoryStore()
        async with open_house(folder, local, api_key("app"), store=kept) as house:
            house.gate.open.clear()
            answer = await house.send(clean(6), APP, headers=idem("one", **ASYNC))
            number = answer.json()["id"]
            await house.check.close()  # while the gate is shut
        kept._closed = False
        async with open_house(folder, local, store=kept) as house:
            lost = (await house.ask(number, APP)).json()
            assert (lost["status"], lost["verdict"], lost["allowed"]) == (
                "unscreened",
                "unscreened",
                False,
            )
            assert lost["error"]["code"] == "lost"
            assert "send it again" in lost["error"]["message"]
            again = (await house.send(clean(6), APP, headers=idem("one"))).json()
            assert (again["id"], again["allowed"]) == (number, True)
            assert (await house.ask(number, APP)).json()["allowed"]

    run(body())


def test_an_undecided_upload_is_lost_only_when_its_process_has_ended(run, folder, local) -> None:
    async def body() -> None:
        kept = MemoryStore()
        async with open_house(folder, local, api_key("app"), store=kept) as one:
            one.gate.open.clear()
            answer = await one.send(clean(7), APP, headers=ASYNC)
            number = answer.json()["id"]
            upload = kept.upload("app", number)
            async with open_house(folder, local, store=kept) as two:
                assert await two.check.find_lost() == 0
                assert (await two.ask(number, APP)).status_code == 202
                # A process of another machine is given time.
                assert not two.check._lost(replace(upload, holder="0" * 16))
                old = upload.at - timedelta(seconds=jobs_module.LONGEST_SECONDS + 100)
                assert two.check._lost(replace(upload, holder="0" * 16, at=old))
                one.check._holders.close()  # as the system does when a process dies
                assert await two.check.find_lost() == 1
                assert kept.outcome(number).rule == "lost"
                assert await two.check.find_lost() == 0

    run(body())


def test_what_is_outdated_is_not_repeated_as_allowed(run, folder, local) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app")) as house:
            good = (await house.send(clean(1), APP)).json()
            bad = (await house.send(marked(1), APP)).json()
            house.verdicts._basis = "f" * 64  # as after a change of lists
            house.verdicts._forget()
            told = (await house.ask(good["id"], APP)).json()
            assert (told["status"], told["allowed"]) == ("unscreened", False)
            assert told["error"]["code"] == "outdated"
            told = (await house.ask(bad["id"], APP)).json()
            assert (told["status"], told["verdict"], told["allowed"]) == ("done", "withhold", False)

    run(body())


def test_old_uploads_are_forgotten(run, folder, local) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app"), upload_days=2) as house:
            first = (await house.send(clean(1), APP, headers=idem("one"))).json()
            assert await house.check.forget_old() == 0
            house.ahead[0] = timedelta(days=2, seconds=1)
            assert await house.check.forget_old() == 1
            assert (await house.ask(first["id"], APP)).status_code == 404
            assert (await house.send(clean(2), APP, headers=idem("one"))).status_code == 200

    run(body())


def test_a_verdict_that_cannot_be_kept_is_not_given(run, folder, local) -> None:
    class Full(MemoryStore):
        full = False

        def keep(self, screened) -> None:
            if self.full:
                raise StorageError("no room on the disk")
            super().keep(screened)

    async def body() -> None:
        kept = Full()
        async with open_house(folder, local, api_key("app"), store=kept) as house:
            kept.full = True
            answer = await house.send(clean(1), APP)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_error")
            assert "allowed" not in answer.text
            kept.full = False
            assert (await house.send(clean(1), APP)).json()["allowed"]

    run(body())


def test_nothing_of_an_upload_is_written_to_disk(run, folder, local, monkeypatch) -> None:
    """Forms above a megabyte are spooled to a file by default."""
    import tempfile

    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("a file was made")

    async def body() -> None:
        async with open_house(folder, local, api_key("app")) as house:
            monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
            data = clean(1) + bytes(3_000_000)
            answer = await house.send(None, APP, files={"file": ("a.gif", data)})
            assert answer.status_code == 200

    run(body())
