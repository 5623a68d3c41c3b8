"""The words of a text, as they are indexed and asked for: the same for every database."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 60
"""Characters of a word that count."""
MOST = 8
"""Words of a question that count."""
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Letters and digits, without case and accents.

    >>> words("GIF  Kafé, https://gif.example/v?id=7")
    ['gif', 'kafe', 'https', 'gif', 'example', 'v', 'id', '7']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    return [word[:LONGEST] for word in _WORD.findall(bare)]


def asked(text: str) -> list[str]:
    """The words of a question; each is also the beginning of a longer one."""
    return list(dict.fromkeys(words(text[:400])))[:MOST]
