"""Uploads over HTTP messages: verdicts, keys and bands."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

from PIL import Image

from perisai.gateway.clients import age_secret, sign_age
from perisai.screening.service.local import Local
from perisai.storage.records import Opinion
from perisai.terms import AgeBand, Label
from tests.common import screening
from tests.gateway.search.house import clean, marked
from tests.gateway.uploads.house import APP, SECRET, api_key, open_house


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
