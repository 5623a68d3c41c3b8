"""A server in the shape of Tenor's second interface, for measuring: real GIFs, as many as wanted.

``python -m bench.gateway.upstream FOLDER`` serves the bases of :mod:`bench.gateway.pictures` on a
free port of the loopback, which is printed. Items are numbered *salt* x 1000 + place. A search
finds those of the salt that is its last word, or of salt 0, in an order of its own for each search:
so ``q=cat`` is always the same, and ``q=cat 17`` finds fifty that nobody has seen before.

With ``--broken SHARE`` that share of all files is broken in turn: cut off, a web page instead, or
bytes of another kind than announced.
"""

from __future__ import annotations

import argparse
import random
import socket
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bench.gateway import pictures

if TYPE_CHECKING:
    from starlette.requests import Request

    from bench.gateway.pictures import Base

PAGE = 50
COMMON = 60
"""Items that searches without a salt choose from."""
FORMATS = {
    "gif": "gif",
    "mediumgif": "gif",
    "tinygif": "tinygif",
    "nanogif": "tinygif",
    "mp4": "mp4",
    "loopedmp4": "mp4",
    "tinymp4": "tinymp4",
    "nanomp4": "tinymp4",
}
"""Tenor's names, and which of a base's files stands behind each."""
STILLS = ("gifpreview", "tinygifpreview", "nanogifpreview")
"""Tenor names these, too; nobody asks for them here, and the gateway does not take them."""
TERMS = ["happy cat", "good morning", "thank you", "birthday", "rain", "football", "train", "tea"]


class Upstream:
    """Answers searches, posts, groups, words and files."""

    def __init__(self, folder: Path, port: int, broken: float, only: tuple[str, ...]) -> None:
        self._folder = folder
        self._bases = pictures.read(folder)
        self._formats = [name for name in FORMATS if not only or name in only]
        self._base = f"http://127.0.0.1:{port}"
        self._broken = broken
        self._read = lru_cache(maxsize=None)(lambda name: (folder / name).read_bytes())

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/v2/search", self.search),
                Route("/v2/featured", self.search),
                Route("/v2/posts", self.posts),
                Route("/v2/categories", self.categories),
                Route("/v2/autocomplete", self.words),
                Route("/v2/search_suggestions", self.words),
                Route("/v2/trending_terms", self.words),
                Route("/media/{number:int}-AAAAAC/{name}", self.media),
            ]
        )

    async def search(self, request: Request) -> Response:
        """Answer a search, or what is featured."""
        query = request.query_params
        text = query.get("q", "")
        last = text.rpartition(" ")[2]
        salt = int(last) if last.isdecimal() else 0
        start, limit = int(query.get("pos") or 0), int(query.get("limit") or 20)
        found = list(range(PAGE if salt else COMMON))
        random.Random(text).shuffle(found)
        part = found[start : start + limit]
        following = str(start + limit) if start + limit < len(found) else ""
        results = [self._item(1000 * salt + place) for place in part]
        return _json({"results": results, "next": following})

    async def posts(self, request: Request) -> Response:
        """Answer items by their numbers."""
        numbers = request.query_params.get("ids", "").split(",")
        return _json({"results": [self._item(int(each)) for each in numbers if each.isdecimal()]})

    async def categories(self, _request: Request) -> Response:
        """Answer groups."""
        tags = [{"searchterm": term, "name": f"#{term}", "path": "", "image": ""} for term in TERMS]
        return _json({"locale": "en", "tags": tags})

    async def words(self, _request: Request) -> Response:
        """Answer words."""
        return _json({"results": TERMS})

    async def media(self, request: Request) -> Response:
        """Answer a file."""
        number = request.path_params["number"]
        form = request.path_params["name"].rpartition(".")[2]
        base = self._bases[number % 1000 % len(self._bases)]
        file = base.files.get(form)
        if file is None:
            return Response(status_code=404)
        kind = "image/gif" if form.endswith("gif") else "video/mp4"
        data: bytes = self._read(file.name)
        if form.endswith("gif"):
            data = pictures.renewed(data, str(number))
        return _broken(data, number, kind) if self._is_broken(number) else _file(data, kind)

    def _is_broken(self, number: int) -> bool:
        drawn = int.from_bytes(sha256(b"broken %d" % number).digest()[:4]) / 2**32
        return drawn < self._broken

    def _item(self, number: int) -> dict[str, object]:
        base = self._bases[number % 1000 % len(self._bases)]
        url = f"{self._base}/view/{base.name}-gif-{number}"
        return {
            "id": str(number),
            "title": "",
            "media_formats": self._media_formats(base, number),
            "created": 1_700_000_000.0 + number,
            "content_description": f"A {base.name.replace('-', ' number ')} in the rain",
            "itemurl": url,
            "url": url,
            "tags": ["rain", "street", base.name.partition("-")[0]],
            "flags": [],
            "hasaudio": False,
            "content_description_source": "CONTENT_DESCRIPTION_SOURCE_UNSPECIFIED",
        }

    def _media_formats(self, base: Base, number: int) -> dict[str, object]:
        made: dict[str, object] = {}
        for name in (*self._formats, *STILLS):
            form = FORMATS.get(name, name)
            file = base.files["tinygif" if name in STILLS else form]
            made[name] = {
                "url": f"{self._base}/media/{number}-AAAAAC/{base.name}-in-the-rain.{form}",
                "duration": 2.4,
                "preview": "",
                "dims": [file.width, file.height],
                "size": file.size,
            }
        return made


def _broken(data: bytes, number: int, kind: str) -> Response:
    match number % 3:
        case 0:
            return _file(data[: len(data) // 2], kind)
        case 1:
            return _file(b"<!doctype html><title>Busy</title><p>Come back later.", kind)
        case _:
            return _file(data[:10] + sha256(data).digest() * 64, kind)


def _file(data: bytes, kind: str) -> Response:
    return Response(data, media_type=kind)


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--broken", type=float, default=0.0)
    parser.add_argument("--only", nargs="*", default=(), choices=FORMATS, help="formats to offer")
    chosen = parser.parse_args()
    with socket.create_server(("127.0.0.1", chosen.port)) as listener:
        port = listener.getsockname()[1]
        app = Upstream(chosen.folder, port, chosen.broken, tuple(chosen.only)).app()
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_keep_alive=60)
        print(port, flush=True)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
