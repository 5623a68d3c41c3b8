"""What was told lies in the log only sealed, under the key of who told it; here it is opened.

The facts have in clear what was chosen from a list. Search words, links, names of apps and free
text can say who somebody is: erasing the person (UU 27/2022) erases them, too. Facts that were
written before this have everything in clear; they are never rewritten, and are read as they are.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from perisai.desk.complaints.state import CHOSEN
from perisai.desk.triage.links import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from perisai.desk.complaints.state import Complaint
    from perisai.storage.facts.people import People

    Seal = Callable[[str], Mapping[str, str]]

TOGETHER = 500


def sealed(told: Mapping[str, str], seal: Seal) -> dict[str, Any]:
    """What a fact keeps of what was told: ``told`` in clear, ``text`` sealed."""
    words = {name: text for name, text in told.items() if name not in CHOSEN and text}
    return {
        "told": {name: told[name] for name in CHOSEN if told.get(name)},
        "text": dict(seal(json.dumps(words, ensure_ascii=False, sort_keys=True))),
    }


def digest(told: Mapping[str, str], people: People) -> str:
    """A keyed digest of the link, or of the item: the same for the same, empty without one.

    It stays in the fact, so that what is sealed is recognised when somebody reports it again; only
    who has the key of the house can make one.
    """
    link = exact(str(told.get("link") or "")) or str(told.get("item") or "")
    return people.blind("link", link) if link else ""


def opened(complaint: Complaint, people: People) -> Complaint:
    """The complaint with what was told, unless it is sealed or who told it was erased."""
    return next(all_opened([complaint], people))


def all_opened(complaints: Iterable[Complaint], people: People) -> Iterator[Complaint]:
    """The same for many, in their order; keys are asked for many at a time."""
    some: list[Complaint] = []
    for complaint in complaints:
        some.append(complaint)
        if len(some) == TOGETHER:
            yield from _opened(some, people)
            some = []
    yield from _opened(some, people)


def _opened(some: Sequence[Complaint], people: People) -> Iterator[Complaint]:
    boxes = {each.id: each.text for each in some if each.text is not None}
    texts = dict(zip(boxes, people.open_all(list(boxes.values())), strict=True))
    for complaint in some:
        if complaint.id not in texts:
            yield complaint
            continue
        text = texts[complaint.id]
        words = json.loads(text) if text is not None else {}
        told = (complaint.told or {}) | words
        yield replace(complaint, told=told, text=None, erased=text is None)
