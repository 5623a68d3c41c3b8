"""docs/dialects.md names every path that is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from perisai.gateway.dialects import Giphy, Tenor
from perisai.gateway.dialects.giphy import _EMPTY

PAGE = (Path(__file__).parents[3] / "docs" / "dialects.md").read_text(encoding="utf-8")
PATHS = [route.path for dialect in (Tenor, Giphy) for route in dialect(None, None, None).routes()]
TOLD_TOGETHER = ("/v1/text/", "/v1/videos/", "/v1/clips/")


@pytest.mark.parametrize("path", sorted(set(PATHS)))
def test_every_path_is_told(path):
    if path in _EMPTY and path.startswith(TOLD_TOGETHER):
        path = "/".join(path.split("/")[:3]) + "/…"
    if "{unknown" in path:  # what is none of them
        return
    assert f"`{path.replace('/stickers', '/gifs')}`" in PAGE
