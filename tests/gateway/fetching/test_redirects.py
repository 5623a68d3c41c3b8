"""Redirects: few, and to no other place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perisai.errors import FetchRefused
from perisai.gateway.fetching import MemoryResolver
from tests.gateway.fetching.asking import LIMIT, asked, public, run
from tests.gateway.fetching.servers import (
    Server,
    answer,
    certificate,
    redirect,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(status: int) -> None:
    assert asked({"/a.gif": redirect("/b.gif", status), "/b.gif": answer(b"x")}) == b"x"


def test_three_redirects_are_followed_and_no_more() -> None:
    steps = {f"/{n}": redirect(f"/{n + 1}") for n in range(9)}
    assert asked({**steps, "/3": answer(b"x")}, "/0") == b"x"
    with pytest.raises(FetchRefused, match="more than 3 times"):
        asked({**steps, "/4": answer(b"x")}, "/0")
    with pytest.raises(FetchRefused, match="more than 3 times"):
        asked({"/a.gif": redirect("/a.gif")})


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "http://10.0.0.1/a.gif",
        "//evil.example/a.gif",
        "https://evil.example/a.gif",
        "http://2130706433/",
        "http://user@127.0.0.1/",
        "file:///etc/passwd",
        "http://[::1",
        "",
    ],
)
def test_a_redirect_to_another_place_is_refused(to: str) -> None:
    with pytest.raises(FetchRefused, match="redirects to") as error:
        asked({"/a.gif": redirect(to)})
    assert not to or to not in str(error.value)


def test_a_public_fetcher_follows_no_redirect_to_another_public_host_nor_down_to_http(
    tmp_path: Path,
) -> None:
    async def body() -> None:
        inner, outer = certificate(tmp_path, "a.example.org")
        handlers = {
            "/other": redirect("https://b.example.org/x"),
            "/down": redirect("http://a.example.org/x"),
            "/same": redirect("https://A.example.org:443/x"),
            "/x": answer(b"x"),
        }
        async with Server(handlers, inner) as server:
            names = {"a.example.org": [["93.184.216.34"]], "b.example.org": [["93.184.216.34"]]}
            fetcher, _ = public(server, MemoryResolver(names), outer)
            assert await fetcher.take("https://a.example.org/same", LIMIT) == b"x"
            for path in ("other", "down"):
                with pytest.raises(FetchRefused, match="redirects to another host"):
                    await fetcher.take(f"https://a.example.org/{path}", LIMIT)
            await fetcher.close()

    run(body)
