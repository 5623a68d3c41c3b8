"""File names as people may see them: nobody's name drives a terminal or turns a page's text."""

from __future__ import annotations

import os


def printable(path: str) -> str:
    """Make a path fit to be shown: no control characters, no turned writing, no broken text."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
