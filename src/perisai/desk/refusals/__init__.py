"""What the domain refuses, said in Indonesian. Errors themselves speak English.

The domain raises one plain sentence. Where it fills something in (``f"Write {what}."``), the table
has ``{}``; what is filled in is looked up, too. The tables lie beside this file.
"""

from __future__ import annotations

from pathlib import Path

from perisai.desk.phrases import Phrases

_PHRASES = Phrases(sorted(Path(__file__).parent.glob("*.toml")))


def in_indonesian(text: str) -> str:
    """Return a refusal in Indonesian; as it is, if the table does not have it."""
    return _PHRASES.indonesian(text)


def translated() -> frozenset[str]:
    """What the table has, with ``{}`` where something is filled in."""
    return _PHRASES.known()
