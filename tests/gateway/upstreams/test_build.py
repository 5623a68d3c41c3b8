"""Which upstreams may start, with which key and which hosts."""

from __future__ import annotations

from typing import Any

import pytest

from perisai.errors import FetchRefused, SettingsError
from perisai.gateway.items import Ask, Rendition, Size
from perisai.gateway.upstreams.build import build_upstreams
from perisai.gateway.upstreams.tenor import TenorUpstream
from tests.gateway.fetching.servers import Server
from tests.gateway.upstreams.common import KEY, adult, chosen, run, told, upstream

TENOR = {"type": "tenor", "base": "https://api.klipy.com/v2/"}
GIPHY = {"type": "giphy"}
OPENVERSE = {"type": "openverse"}
YES = {"approval": "2026-03-01, Ms Example, mail of that day"}


def built(section: dict[str, Any], **env: str) -> Any:
    return build_upstreams(chosen(mine=section), None, None, env=env)["mine"]


@pytest.mark.parametrize("section", [TENOR, GIPHY])
@pytest.mark.parametrize("approval", [None, "  "])
def test_a_provider_that_forbids_proxying_needs_its_approval_named(
    section: dict[str, Any], approval: str | None
) -> None:
    given = section if approval is None else section | {"approval": approval}
    with pytest.raises(SettingsError, match=r"gateway\.upstreams\.mine\.approval.*forbid"):
        built(given)
    assert built(section | YES).open
    assert built(section | {"private": True}).name == "mine"


def test_openverse_needs_no_approval_but_is_open_to_strangers() -> None:
    assert built(OPENVERSE).open


@pytest.mark.parametrize("name", ["perisai", "a.b", "Mine", "", "-x", "a" * 41, "é"])
def test_a_name_that_is_ours_or_that_no_cursor_can_carry_is_refused(name: str) -> None:
    for section in ({"type": "catalogue"}, OPENVERSE):
        with pytest.raises(SettingsError, match="help cards" if name == "perisai" else "letters"):
            build_upstreams(chosen(**{name: section}), None, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base": "http://api.klipy.com/v2/"}, "base.*https"),
        ({"base": "https://127.0.0.1/v2/"}, "base.*IP address"),
        ({"base": "https://user:word@api.klipy.com/v2/"}, "base.*user name"),
        ({"base": "https://api.klipy.com:8443/v2/"}, "base.*port"),
        ({"base": "https://api.klipy.com/v2/?key=1"}, "base.*question mark"),
        ({"base": "klipy"}, "base"),
        ({"media_hosts": ["*.com"]}, "media_hosts.*too many"),
        ({"media_hosts": ["a b"]}, "media_hosts"),
        ({"key": "x", "key_env": "K"}, "key_env.*beside key"),
        ({"key_env": "ABSENT"}, "key_env.*ABSENT.*not set"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_work_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        built(TENOR | YES | change, K=KEY)
    assert KEY not in str(error.value)


def test_the_key_comes_from_the_environment_and_shows_nowhere() -> None:
    async def body() -> None:
        async with Server({"*": told({"results": []})}) as server:
            section = {"type": "tenor", "base": server.base, "private": True, "key_env": "K"}
            settings = chosen(mine=section, other=section | {"key": "shown?", "key_env": None})
            made = build_upstreams(settings, None, None, env={"K": KEY})
            assert list(made) == ["mine", "other"]
            await made["mine"].search(adult())
            assert server.requests[0].query["key"] == KEY
            assert server.requests[0].path == "/featured"
            assert KEY not in f"{made} {made['mine'].__dict__['_http']}"
            assert "shown?" not in repr(settings)
            for each in made.values():
                await each.close()

    run(body)


@pytest.mark.parametrize(
    ("base", "inside", "outside"),
    [
        ("https://api.klipy.com/v2/", "https://static2.klipy.com/a", "https://media.tenor.com/a"),
        ("https://api.klipy.com/v2/", "https://static.klipy.co/a", "https://klipy.co.evil.test/a"),
        ("https://api.giphy.com/v2/", "https://media3.giphy.com/a", "https://static.klipy.com/a"),
        ("https://tenor.googleapis.com/v2/", "https://media.tenor.com/a", "https://tenor.co/a"),
        ("https://gif.example.id/v2/", "https://gif.example.id/media/a", "https://x.example.id/a"),
        ("https://notgiphy.com/v2/", "https://notgiphy.com/a", "https://media.giphy.com/a"),
    ],
)
def test_files_come_from_what_the_provider_is_known_to_use(
    base: str, inside: str, outside: str
) -> None:
    async def body() -> None:
        made = built(TENOR | YES | {"base": base})
        assert made._http.takes(inside)
        with pytest.raises(FetchRefused, match="not a host"):
            await made.fetch(Rendition("gif", Size.TINY, outside, 1, 1), 10)
        await made.close()

    run(body)


def test_another_perisai_can_be_an_upstream() -> None:
    """Its own Tenor shape, in the same house: no approval, a port, its media beside it."""

    async def body() -> None:
        async with upstream("tenor", {}, "/v2/") as (it, server):
            media = {"url": f"{server.base}/media/1/2/3.gif", "dims": [10, 10], "size": 0}
            item = {"id": "abc-DEF_1", "title": "x", "media_formats": {"gif": media}}
            server.handlers["/v2/featured"] = told({"results": [item], "next": ""})
            page = await it.search(Ask(band="6-9"))
            assert [each.id for each in page.items] == ["abc-DEF_1"]
            assert isinstance(it, TenorUpstream)

    run(body)
