"""What strangers write beside their pictures."""

from __future__ import annotations

import pytest

from perisai.gateway.upstreams.reading import caption, words


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Kucing lompat", "Kucing lompat"),
        ("I <3 you, 2 < 3", "I <3 you, 2 < 3"),
        ("cat <img src='https://ads.example/x.gif'> nap", "cat nap"),
        ("cat <script>alert(1)", "cat alert(1)"),
        ("cat <img src=x onerror=", "cat"),
        ("look: HTTPS://more.example/here now", "look: now"),
        ("look at www.more.example/here", "look at"),
        ("javascript://x%0aalert(1)", ""),
        (
            '"Earth" by X is licensed under CC BY 2.0. See https://creativecommons.org/licenses/by/',
            '"Earth" by X is licensed under CC BY 2.0. See https://creativecommons.org/licenses/by/',
        ),
        (None, ""),
    ],
)
def test_captions_lead_nowhere(said: object, kept: str) -> None:
    assert caption(said) == kept


def test_tags_lead_nowhere() -> None:
    assert words(["cat", "https://ads.example/", {"name": "<b>nap</b>"}]) == ("cat", "nap")
