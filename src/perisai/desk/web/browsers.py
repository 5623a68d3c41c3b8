"""Which browser somebody uses, in two words: enough to know one's own again."""

from __future__ import annotations

UNKNOWN = "other"
KINDS = (
    ("edge", ("Edg/", "EdgA/", "EdgiOS/")),
    ("opera", ("OPR/",)),
    ("samsung", ("SamsungBrowser/",)),
    ("firefox", ("Firefox/", "FxiOS/")),
    ("chrome", ("Chrome/", "CriOS/")),
    ("safari", ("Safari/",)),
)
"""In this order: most call themselves by the name of another as well."""
SYSTEMS = (
    ("android", ("Android",)),
    ("ios", ("iPhone", "iPad")),
    ("windows", ("Windows",)),
    ("macos", ("Macintosh",)),
    ("linux", ("Linux", "CrOS")),
)


def known(agent: str) -> tuple[str, str]:
    """The kind of browser and of system; ``other`` for what nobody has heard of."""
    return _first(agent, KINDS), _first(agent, SYSTEMS)


def _first(agent: str, names: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return next((name for name, marks in names if any(m in agent for m in marks)), UNKNOWN)
