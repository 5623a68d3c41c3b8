"""Upstreams that lie: one real HTTP server in the shapes of Tenor, GIPHY and Openverse.

What an item is, what its files hold and how the server behaves changes while it is asked. Beside
every item stands what a gateway must never hand on; each of those texts holds :data:`LEAK`.
"""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.gateway.fetching.servers import Server, answer, redirect
from tests.gateway.proof import pictures

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from tests.gateway.fetching.servers import Request

LEAK = "l3ak"
"""Stands in everything of an upstream that must not leave: addresses, numbers, payloads."""
EXPLICIT = ("bokep", "hentai")
"""Words of which none may ever leave, wherever an upstream puts them."""
PROVIDERS = ("tenor", "giphy", "openverse")
MODES = ("well",) * 12 + ("html", "shape", "error", "slow", "huge", "twice", "endless")
"""How the lists of a provider are answered."""
KINDS = (
    ("clean",) * 24
    + ("marked",) * 6
    + ("changing",) * 5
    + ("webp", "html", "cut", "endless", "slow", "longer", "shorter", "zipped", "gone", "large")
    + ("there", "elsewhere", "metadata", "forever")
)
"""How a file is answered; see :meth:`World.file`."""
_META = {"status": 200, "msg": "OK", "response_id": "r"}
_DATA = f"data:image/gif;base64,{LEAK}"


@dataclass
class File:
    """One address and how it answers; ``shown`` are numbers of pictures, one for each request."""

    kind: str
    shown: list[int]
    asked: int = 0

    def next(self) -> int:
        self.asked += 1
        return self.shown[(self.asked - 1) % len(self.shown)]


@dataclass
class Thing:
    """An item of an upstream: what it says, and the files behind its renditions."""

    title: str
    tags: list[str]
    creator: str = "X"
    files: dict[str, str] = field(default_factory=dict)
    """Rendition (``tiny``, ``full``, ``webp``) → token of a file."""


class World:
    """Everything that the upstreams say now. Changed by the test while the server answers."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.port = 0
        self.canary = 0
        self.files: dict[str, File] = {}
        self.things: dict[str, dict[str, Thing]] = {name: {} for name in PROVIDERS}
        self.clean, self.begun = pictures.CLEAN, 0
        self.modes = dict.fromkeys(PROVIDERS, "well")
        self.renew()

    def renew(self, clean: range = pictures.CLEAN) -> None:
        """Begin again with new items, whose clean pictures have these numbers."""
        self.clean = clean
        self.begun += 1
        self.modes = dict.fromkeys(PROVIDERS, "well")
        for provider in PROVIDERS:
            self.things[provider] = {
                self._number(provider, 100 * self.begun + number): self._thing()
                for number in range(10)
            }

    def _number(self, provider: str, number: int) -> str:
        if provider == "openverse":  # these are UUIDs; l3ak cannot stand in one
            return f"1eaf0000-0000-4000-8000-{number:012d}"
        return f"{LEAK}-{provider}-{number}"

    def change(self) -> str:
        """Change something at random; returns what, for the record."""
        provider = self.dice.choice(PROVIDERS)
        what = self.dice.choice(("mode", "mode", "item", "item", "file", "swap", "words"))
        things = self.things[provider]
        number = self.dice.choice(list(things))
        if what == "mode":
            self.modes[provider] = self.dice.choice(MODES)
            return f"{provider} answers {self.modes[provider]}"
        if what == "item":
            things[number] = self._thing()
        elif what == "file":
            file = self.files[self.dice.choice(list(self.files))]
            file.kind = self.dice.choice(KINDS)
            file.shown = self._shown(file.kind)
        elif what == "swap":  # the same addresses, for another item
            other = self.dice.choice(list(things))
            mine, yours = things[number], things[other]
            mine.files, yours.files = dict(yours.files), dict(mine.files)
        else:
            things[number].title, things[number].tags = self._words()
        return f"{provider}: other {what} ({number})"

    def thing(self, kind: str) -> Thing:
        """Make an item with one new file of this kind."""
        token = f"f{len(self.files)}-new"
        self.files[token] = File(kind, self._shown(kind))
        return Thing("cat", ["cat"], files={"tiny": token})

    def _thing(self) -> Thing:
        title, tags = self._words()
        thing = Thing(title, tags, self.dice.choice(("X", "X", "Y", EXPLICIT[0])))
        siblings = list(self.files)
        for name in ("tiny", "full", "webp")[: self.dice.randint(1, 3)]:
            if siblings and self.dice.random() < 0.15:  # a file that is another item's, too
                thing.files[name] = self.dice.choice(siblings)
                continue
            kind = self.dice.choice(KINDS)
            token = f"f{len(self.files)}-{name}"
            self.files[token] = File(kind, self._shown(kind))
            thing.files[name] = token
        return thing

    def _shown(self, kind: str) -> list[int]:
        clean = [self.dice.choice(self.clean) for _ in range(3)]
        marked = self.dice.choice(pictures.MARKED)
        if kind == "marked":
            return [marked]
        if kind == "changing":
            return self.dice.choice(([clean[0], marked], [marked, clean[0]], [*clean, marked]))
        if kind in ("there", "shorter", "longer", "slow"):
            return [self.dice.choice((clean[0], marked))]
        return clean[:1]

    def _words(self) -> tuple[str, list[str]]:
        title = self.dice.choice(("cat", "a cat", "kucing lucu", "cat dance"))
        tags = ["cat", self.dice.choice(("fun", "lucu", "seksama"))]
        lie = self.dice.random()
        if lie < 0.1:
            title += f" {self.dice.choice(EXPLICIT)}"
        elif lie < 0.2:
            tags.append(self.dice.choice(EXPLICIT))
        elif lie < 0.3:
            title += self.dice.choice(
                (
                    f" <img src='http://127.0.0.1:%PORT%/{LEAK}'>",
                    f" http://127.0.0.1:%PORT%/{LEAK}",
                    f" www.{LEAK}.example/ad",
                )
            )
        elif lie < 0.35:
            tags.append(f"https://ads.{LEAK}.example/x")
        return title, tags

    # ---- answers

    def url(self, token: str) -> str:
        return f"http://127.0.0.1:{self.port}/files/{token}.gif?{LEAK}=1"

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> bytes | None:
        """Answer one request: a file, or a list in the shape of its provider."""
        parts = request.path.strip("/").split("/")
        if parts[0] == "files":
            return await self.file(parts[1].removesuffix(".gif"), writer)
        provider = parts[0]
        mode = self.modes[provider]
        if mode == "html":
            return answer(b"<html><script src='//ads'></script></html>")
        if mode == "shape":
            return answer(json.dumps({"results": 7, "data": "x", "meta": []}).encode())
        if mode == "error":
            return answer(f"the key of {LEAK} is wrong".encode(), status=500)
        if mode == "slow":
            await asyncio.sleep(1.5)
        if mode == "endless":
            return await _endless(writer, b"[")
        single = parts[-1] if provider == "openverse" and parts[-1].startswith("1eaf") else ""
        wanted = [*request.query.get("ids", "").split(","), single]
        chosen = {n: t for n, t in self.things[provider].items() if n in wanted}
        found = list((chosen or self.things[provider]).items())
        if mode == "huge":
            found = [(f"{n}{k}" if k and provider != "openverse" else n, t)
                     for k in range(20) for n, t in found]  # fmt: skip
        if mode == "twice":
            found += [(n, self._thing()) for n, _ in found]
        kind = "/".join(parts[2:])
        shaped = getattr(self, f"_{provider}")(kind, found)
        if single:
            shaped = shaped["results"][0] if found else {}
        return answer(json.dumps(shaped).replace("%PORT%", str(self.port)).encode())

    def _said(self) -> dict[str, Any]:
        """What stands beside an item in one shape or another, and is nobody's business."""
        address = f"http://127.0.0.1:{self.port}/{LEAK}"
        return {
            "itemurl": address, "url": address, "embed_url": address, "bitly_url": address,
            "source_post_url": address, "username": LEAK, "blur_preview": _DATA,
            "analytics": {"onload": {"url": address}}, "analytics_response_payload": LEAK,
            "user": {"avatar_url": address, "username": LEAK, "display_name": LEAK},
            "thumbnail": address, "creator_url": address, "detail_url": address,
            "ad": f"<script src='{address}'></script>",
        }  # fmt: skip

    def _lied(self) -> dict[str, Any]:
        dims = self.dice.choice(((64, 48), (1, 1), (4000, 3000)))
        return {"dims": list(dims), "size": self.dice.choice((10, 5_000, 10**9))}

    def _tenor(self, kind: str, found: list[tuple[str, Thing]]) -> dict[str, Any]:
        if kind == "categories":
            return {"tags": [{"searchterm": w, "name": f"#{w}", "image": self.url("x"),
                              "path": f"/{LEAK}"} for w in ("cat", "fun", *EXPLICIT)]}  # fmt: skip
        if kind in ("autocomplete", "search_suggestions", "trending_terms"):
            return {"results": ["cat", "cat dance", *EXPLICIT]}
        names = {"tiny": "tinygif", "full": "gif", "webp": "webp"}
        return {
            "results": [
                self._said()
                | {
                    "id": number, "title": thing.title, "content_description": thing.title,
                    "tags": thing.tags, "created": 1.0, "flags": [],
                    "media_formats": {
                        names[name]: {"url": self.url(token), "preview": _DATA} | self._lied()
                        for name, token in thing.files.items()
                    },
                }
                for number, thing in found
            ],
            "next": f"{LEAK}-next" if self.dice.random() < 0.5 else "",
        }  # fmt: skip

    def _giphy(self, kind: str, found: list[tuple[str, Thing]]) -> dict[str, Any]:
        if kind == "trending/searches":
            return {"data": ["cat", *EXPLICIT], "meta": _META}
        if kind == "gifs/search/tags":
            return {"data": [{"name": w} for w in ("cat", "cat nap", *EXPLICIT)], "meta": _META}
        items = [self._giphy_item(number, thing) for number, thing in found]
        if kind == "gifs/categories":
            groups = [{"name": w, "gif": items[0]} for w in ("cat", "fun", *EXPLICIT)]
            return {"data": groups, "meta": _META}
        return {
            "data": items,
            "pagination": {"total_count": 500, "count": len(items), "offset": 0},
            "meta": _META,
        }

    def _giphy_item(self, number: str, thing: Thing) -> dict[str, Any]:
        images: dict[str, Any] = {}
        for name, key in (("tiny", "fixed_width"), ("full", "original")):
            if token := thing.files.get(name):
                images[key] = {"width": "64", "height": "48", "size": "77", "url": self.url(token)}
        if token := thing.files.get("webp"):
            images.setdefault("original", {"width": "64", "height": "48"})
            images["original"] |= {"webp": self.url(token), "webp_size": "1"}
        return self._said() | {"id": number, "type": "gif", "title": thing.title, "rating": "g",
                               "tags": thing.tags, "images": images}  # fmt: skip

    def _openverse(self, kind: str, found: list[tuple[str, Thing]]) -> dict[str, Any]:
        results = [
            self._said()
            | {
                "id": number, "title": thing.title, "url": self.url(token),
                "tags": [{"name": tag} for tag in thing.tags], "license": "by",
                "license_version": "4.0", "filetype": "gif", "width": 64, "height": 48,
                "attribution": f'"{thing.title}" by {thing.creator} is licensed under CC BY 4.0.',
                "mature": False,
            }
            for number, thing in found
            for token in [*thing.files.values()][:1]
        ]  # fmt: skip
        return {"results": results, "page_count": 9, "page": 1, "result_count": 180}

    async def file(self, token: str, writer: asyncio.StreamWriter) -> bytes | None:
        """Answer with what a file is today."""
        file = self.files.get(token)
        if file is None or file.kind == "gone":
            return answer(b"", status=404)
        number = file.next()
        data = pictures.webp(number) if file.kind == "webp" else pictures.gif(number)
        if file.kind in ("there", "forever", "elsewhere", "metadata"):
            return redirect(self._leads_to(file.kind, token))
        if file.kind == "endless":
            return await _endless(writer, data)
        if file.kind == "slow":
            return await _slowly(writer, data)
        lies = {
            "html": answer(b"<html><body>log in first</body></html>"),
            # Whole for HTTP, broken off for GIF.
            "cut": answer(data[: len(data) // 2]),
            # The connection ends before the announced length.
            "shorter": answer(data, length=len(data) + 500, headers="Connection: close\r\n"),
            # What is behind the announced length is not the file's.
            "longer": answer(data, length=len(data) - 200, headers="Connection: close\r\n"),
            # Announced as compressed, and is not.
            "zipped": answer(data, headers="Content-Encoding: gzip\r\n"),
            "large": answer(data, length=10**12, headers="Connection: close\r\n"),
        }
        return lies.get(file.kind, answer(data))

    def _leads_to(self, kind: str, token: str) -> str:
        if kind == "there":  # to another file of the same host
            return f"/files/{self.dice.choice(list(self.files))}.gif"
        if kind == "forever":
            return f"/files/{token}.gif"
        if kind == "elsewhere":
            return f"http://127.0.0.1:{self.canary}/files/{token}.gif"
        return "http://169.254.169.254/latest/meta-data/"


async def _endless(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = (data * (65_536 // len(data) + 1))[:65_536]
    with suppress(ConnectionError):
        for _ in range(2_000):
            writer.write(b"10000\r\n" + chunk + b"\r\n")
            await writer.drain()
    writer.close()


async def _slowly(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"HTTP/1.1 200 X\r\nContent-Length: {len(data)}\r\n\r\n".encode())
    with suppress(ConnectionError):
        for start in range(0, len(data), len(data) // 4 + 1):
            writer.write(data[start : start + len(data) // 4 + 1])
            await writer.drain()
            await asyncio.sleep(0.15)


@contextmanager
def lying(world: World) -> Iterator[list[Request]]:
    """Run the upstreams, and beside them a server that nobody may ever be led to.

    Gives the list of what that one was asked: it has to stay empty.
    """
    ready, done = threading.Event(), threading.Event()
    strayed: list[Request] = []

    async def serve() -> None:
        async with Server({"*": world.answer}) as server, Server({}) as canary:
            world.port, world.canary = server.port, canary.port
            canary.requests = strayed
            ready.set()
            while not done.is_set():
                await asyncio.sleep(0.05)
                server.requests.clear()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield strayed
    finally:
        done.set()
        thread.join(10)
