"""Uploads over HTTP messages: verdicts, keys, bands, idempotency, waiting, and what was lost."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

from PIL import Image

from perisai.errors import StorageError
from perisai.gateway.clients import age_secret, sign_age
from perisai.gateway.uploads import jobs as jobs_module
from perisai.screening.service.local import Local
from perisai.storage.memory import MemoryStore
from perisai.storage.records import Opinion
from perisai.terms import AgeBand, Label
from tests.common import screening
from tests.gateway.search.house import clean, marked
from tests.gateway.uploads.house import SECRET, api_key, open_house

APP, OTHER = "app-key", "other-key"
ASYNC = {"Prefer": "respond-async"}


def idem(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


# ---- verdicts


def test_a_stranger_is_answered_for_the_youngest_or_the_band_that_is_named(
    run, folder, local
) -> None:
    async def body() -> None:
        async with open_house(folder, local) as house:
            first = (await house.send(clean(1))).json()
            assert (first["age_band"], first["verdict"], first["allowed"]) == ("3-5", "allow", True)
            assert (first["id"], first["status"], first["shadow"]) == (None, "done", False)
            assert first["sha256"] == hashlib.sha256(clean(1)).hexdigest()
            assert first["coverage"]["frames"] == 3
            bad = (await house.send(marked(1), params={"age_band": "13-15"})).json()
            assert (bad["age_band"], bad["verdict"], bad["allowed"]) == ("13-15", "withhold", False)
            assert bad["rule"] == bad["reasons"]["13-15"]["rule"] == "looks-explicit"
            assert bad["findings"][0]["label"] == "explicit"

    run(body())


def test_the_band_is_the_named_one_then_the_signed_one_then_the_keys(run, folder, local) -> None:
    async def body() -> None:
        key = api_key("app", AgeBand.AGE_10_12)
        async with open_house(folder, local, key) as house:
            signed = sign_age(
                age_secret(SECRET, key.digest), AgeBand.AGE_16_17, int(time.time()) + 60
            )

            async def band(headers: dict[str, str], **more: object) -> str:
                answer = await house.send(clean(1), APP, headers=headers, **more)
                return answer.json()["age_band"]

            assert await band({}) == "10-12"
            assert await band({"X-Perisai-Age": signed}) == "16-17"
            assert await band({"X-Perisai-Age": signed}, params={"age_band": "adult"}) == "adult"
            assert await band({"X-Perisai-Age": "16-17;99;forged"}) == "3-5"
            for place in ("key", "api_key"):
                answer = await house.send(clean(1), params={place: APP})
                assert answer.json()["age_band"] == "10-12"
            form = {"files": {"file": ("a.gif", clean(1))}, "data": {"age_band": "adult"}}
            answer = (await house.send(None, APP, **form)).json()
            assert (answer["age_band"], answer["path"]) == ("adult", "a.gif")

    run(body())


def test_keys_that_are_unknown_or_for_something_else_are_refused(run, folder, local) -> None:
    async def body() -> None:
        searcher = api_key("searcher", dialects=frozenset({"tenor"}))
        async with open_house(folder, local, searcher, anonymous_per_minute=3) as house:
            answer = await house.send(clean(1), "searcher-key")
            assert (answer.status_code, answer.json()["error"]["code"]) == (
                403,
                "dialect_not_allowed",
            )
            assert (await house.send(clean(1), "wrong")).status_code == 401
            codes = [(await house.send(clean(1))).status_code for _ in range(3)]
            assert codes == [200, 200, 429]
            assert house.gate.looked == 1
        async with open_house(folder, local, anonymous="false") as house:
            answer = await house.send(clean(1))
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "key_needed")

    run(body())


def test_a_verdict_that_is_known_is_not_screened_again(run, folder, local) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app")) as house:
            first = (await house.send(marked(1), APP)).json()
            again = (await house.send(marked(1), APP)).json()
            assert house.gate.looked == 1
            assert (first["screened_before"], again["screened_before"]) == (False, True)
            for name in ("verdict", "verdicts", "reasons", "findings", "sha256", "not_covered"):
                assert again[name] == first[name]
            assert set(again) == set(first)
            assert again["id"] != first["id"]
            assert (again["scores"], again["coverage"]) == (None, None)
            assert again["media"]["frames"] == 3

    run(body())


def png_with_text() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", "where it was taken")
    with BytesIO() as file:
        picture = Image.new("RGB", (64, 48), "#3060c0")
        picture.save(file, "PNG", pnginfo=notes)
        return file.getvalue()


def test_a_persons_word_counts_also_for_the_same_picture_with_metadata(run, folder, local) -> None:
    async def body() -> None:
        from perisai.gateway.stripping import strip

        async with open_house(folder, local, api_key("app")) as house:
            data = png_with_text()
            bare = hashlib.sha256(strip(data)).hexdigest()
            assert bare != hashlib.sha256(data).hexdigest()
            before = (await house.send(data, APP)).json()
            assert before["allowed"]
            at = datetime.now(UTC)
            word = Opinion(bare, Label.EXPLICIT, 1.0, "siti", "seen", at)
            await house.store.add_opinion(word)
            await house.verdicts.refresh()
            after = await house.send(data, APP)
            assert not after.json()["allowed"]
            assert after.json()["verdict"] == "block"
            assert "siti" not in after.text
            assert (await house.ask(before["id"], APP)).json()["verdict"] == "block"
            wrong = (await house.send(marked(4), APP)).json()
            sha = wrong["sha256"]
            await house.store.add_opinion(replace(word, sha256=sha, score=0.0))
            await house.verdicts.refresh()
            assert (await house.send(marked(4), APP)).json()["allowed"]

    run(body())


def test_a_match_on_an_abuse_list_stays_sealed_even_in_shadow(run, folder) -> None:
    frames = screening.scene(3)

    async def body() -> None:
        settings = screening.settings(folder)
        screening.create_list(settings.home, "sealed", [frames[1]], label=Label.ABUSE)
        data = screening.clip(frames)
        keys = (api_key("app"), api_key("trial", shadow=True))
        async with Local(settings) as own, open_house(folder, own, *keys) as house:
            for key in (APP, "trial-key"):
                for before in (False, True):
                    answer = (await house.send(data, key)).json()
                    assert (answer["allowed"], answer["verdict"]) == (False, "block")
                    assert (answer["rule"], answer["shadow"]) == ("abuse", False)
                    assert answer["refer"]
                    assert {each["label"] for each in answer["findings"]} == {"abuse"}
                    assert not answer["scores"]
                    assert answer["screened_before"] is (before or key != APP)
                    assert "sealed" not in str(answer)
            # A person's word seals, too, whatever else was found.
            bad = (await house.send(marked(2), APP)).json()
            word = Opinion(bad["sha256"], Label.ABUSE, 1.0, "siti", "", datetime.now(UTC))
            await house.store.add_opinion(word)
            await house.verdicts.refresh()
            told = (await house.send(marked(2), APP)).json()
            assert [each["label"] for each in told["findings"]] == ["abuse"]
            assert told["refer"]

    run(body())


# ---- idempotency


def test_the_same_idempotency_key_gives_the_same_upload(run, folder, local) -> None:
    async def body() -> None:
        keys = (api_key("app"), api_key("other"))
        async with open_house(folder, local, *keys) as house:
            first = (await house.send(clean(1), APP, headers=idem("one"))).json()
            again = (await house.send(clean(1), APP, headers=idem("one"))).json()
            assert first["id"] == again["id"]
            assert house.gate.looked == 1
            other = (await house.send(clean(1), OTHER, headers=idem("one"))).json()
            assert other["id"] != first["id"]
            for wrong in (
                {"data": clean(2)},
                {"data": clean(1), "params": {"age_band": "adult"}},
                {"json": {"url": "https://example.org/a.gif"}},
            ):
                answer = await house.send(
                    wrong.pop("data", None), APP, headers=idem("one"), **wrong
                )
                assert answer.status_code == 422
                assert answer.json()["error"]["code"] == "idempotency_mismatch"
            same = await house.send(
                clean(1), APP, headers=idem("one"), params={"age_band": "6-9", "wait_ms": "100"}
            )
            assert same.json()["id"] == first["id"]
            counted = await house.counts()
            assert sum(each["n"] for each in counted if each["client"] == "app") == 1

    run(body())


def test_idempotency_survives_a_restart(run, folder, local) -> None:
    async def body() -> None:
        kept = MemoryStore()
        async with open_house(folder, local, api_key("app"), store=kept) as house:
            first = (await house.send(marked(1), APP, headers=idem("one"))).json()
        kept._closed = False
        async with open_house(folder, local, store=kept) as house:
            again = (await house.send(marked(1), APP, headers=idem("one"))).json()
            assert (again["id"], again["verdict"]) == (first["id"], "withhold")
            assert house.gate.looked == 0
            assert (await house.ask(first["id"], APP)).json()["verdict"] == "withhold"

    run(body())


def test_two_that_come_together_are_screened_once(run, folder, local) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app")) as house:
            answers = await asyncio.gather(
                *(house.send(clean(5), APP, headers=idem("one")) for _ in range(5))
            )
            assert len({answer.json()["id"] for answer in answers}) == 1
            assert {answer.status_code for answer in answers} == {200}
            assert house.gate.looked == 1
            assert house.check.held_bytes == 0

    run(body())


# ---- waiting


def test_who_does_not_wait_is_told_where_to_ask(run, folder, local) -> None:
    async def body() -> None:
        keys = (api_key("app"), api_key("other"))
        async with open_house(folder, local, *keys) as house:
            house.gate.open.clear()
            answer = await house.send(marked(1), APP, headers=idem("one", **ASYNC))
            told = answer.json()
            assert answer.status_code == 202
            assert answer.headers["location"] == told["location"] == f"/v1/screen/{told['id']}"
            assert answer.headers["preference-applied"] == "respond-async"
            assert set(told) == {"id", "status", "location"}
            assert house.check.held_bytes == len(marked(1))
            joined = await house.send(marked(1), APP, headers=idem("one"), params={"wait_ms": "60"})
            assert (joined.status_code, joined.json()["id"]) == (202, told["id"])
            asked = await house.ask(told["id"], APP)
            assert (asked.status_code, asked.json()["status"]) == (202, "pending")
            assert (await house.ask(told["id"], OTHER)).status_code == 404
            assert (await house.http.get(f"/v1/screen/{told['id']}")).status_code == 404
            house.gate.open.set()
            became = await house.outcome(told["id"], APP)
            assert (became["id"], became["verdict"]) == (told["id"], "withhold")
            assert became["findings"]
            assert house.gate.looked == 1
            assert house.check.held_bytes == 0
            # What is known is answered at once also to those who would not wait.
            known = await house.send(marked(1), APP, headers=ASYNC)
            assert (known.status_code, known.json()["verdict"]) == (200, "withhold")

    run(body())


def test_prefer_wait_and_the_setting(run, folder, local) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app"), upload_wait_ms=300) as house:
            house.gate.open.clear()
            begin = time.monotonic()
            for more in (
                {"params": {"wait_ms": "100000"}},
                {"headers": {"Prefer": "respond-async, wait=0"}},
                {"headers": {"Prefer": "wait=900"}},
                {},
            ):
                assert (await house.send(clean(1), APP, **more)).status_code == 202
            assert 0.8 < time.monotonic() - begin < 3
            answer = await house.send(clean(1))  # a stranger cannot be told later
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_yet")
            assert answer.headers["retry-after"]
            house.gate.open.set()

    run(body())


def test_too_many_are_told_to_come_back(run, folder, local) -> None:
    async def body() -> None:
        data = clean(1)
        limits = {"upload_waiting_bytes": len(data) + 10}
        async with open_house(folder, local, api_key("app"), **limits) as house:
            house.gate.open.clear()
            first = await house.send(data, APP, headers=ASYNC)
            assert first.status_code == 202
            full = await house.send(clean(2), APP, headers=ASYNC)
            assert (full.status_code, full.json()["error"]["code"]) == (503, "busy")
            assert int(full.headers["retry-after"]) > 0
            house.gate.open.set()
            assert (await house.outcome(first.json()["id"], APP))["allowed"]
            assert (await house.send(clean(2), APP)).status_code == 200
            large = bytes(10 * len(data))
            assert (await house.send(large, APP)).status_code == 200  # one alone is always taken
            assert house.check.held_bytes == 0

    run(body())


def test_a_screener_that_is_full_turns_away_who_waits_and_keeps_who_was_promised(
    run, folder, local
) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app")) as house:
            house.gate.busy = 1
            answer = await house.send(clean(1), APP, headers=idem("one"))
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
            assert answer.headers["retry-after"] == "1"
            again = await house.send(clean(1), APP, headers=idem("one"))
            assert again.json()["allowed"]
            house.gate.open.clear()
            promised = await house.send(clean(2), APP, headers=ASYNC)
            assert promised.status_code == 202
            house.gate.open.set()
            assert (await house.outcome(promised.json()["id"], APP))["allowed"]

    run(body())


def test_what_fails_for_a_passing_reason_is_looked_at_again(run, folder) -> None:
    async def body() -> None:
        chosen = screening.settings(folder)
        screening.create_list(chosen.home, "own", screening.scene(1))
        async with Local(chosen) as own, open_house(folder, own, api_key("app")) as house:
            lists, data = chosen.home / "lists.sqlite3", clean(1)
            lists.rename(folder / "away")
            failed = (await house.send(data, APP, headers=idem("one"))).json()
            assert (failed["verdict"], failed["error"]["code"]) == ("unscreenable", "bad_list")
            assert not failed["allowed"]
            asked = (await house.ask(failed["id"], APP)).json()
            assert (asked["verdict"], asked["allowed"]) == ("unscreenable", False)
            again = (await house.send(data, APP, headers=idem("one"))).json()
            assert again["id"] == failed["id"]
            assert house.gate.looked == 2

    run(body())


# ---- lost


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
