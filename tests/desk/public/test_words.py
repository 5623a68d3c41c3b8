"""Every text is there in both languages, and none is there for nothing."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

from perisai.desk import public
from perisai.desk.cases.domain import OUTCOMES
from perisai.desk.complaints.domain import KINDS
from perisai.desk.public import forms
from perisai.desk.public.views.complain import NAMES
from perisai.desk.public.words import WORDS

HERE = Path(public.__file__).parent
MADE = {
    "kind": KINDS, "child": forms.CHILD, "claim": OUTCOMES, "check": NAMES.values(),
    "change": NAMES.values(), "measured": ("before", "after"), "promise": ("kept", "late"),
    "stands": ("received", "looking", *OUTCOMES, "invited", "heard", "missed", "published",
               "sealed", "withdrawn", "appeal-open", "appeal-upheld", "appeal-overturned"),
    "stage": ("received", "looking", *OUTCOMES, "decided", "invited", "published", "answered"),
    "event": ("opened", *OUTCOMES, "invited", "acknowledged", "answered", "attended", "missed",
              "measured", "note", "published"),
    "grown": forms.GROWN,
    "wrong": ("bad", "missing", "large", "often", "down"),
}  # fmt: skip
"""Words whose names the code puts together."""


def used() -> set[str]:
    found = {f"{group}_{each}" for group, each_ in MADE.items() for each in each_}
    found |= {f"wrong_{each}_more" for each in MADE["wrong"]}
    found |= {f"{each}_{part}" for each in NAMES.values() for part in ("title", "lead")}
    for form in (
        forms.Where,
        forms.What,
        forms.WhoOfAge,
        forms.Code,
        forms.Message,
        forms.Answer,
        forms.Appeal,
    ):
        found |= {f"{name}_label" for name in form.base_fields}
        found |= {f"{name}_help" for name in form.base_fields if f"{name}_help" in WORDS["id"]}
    for file in HERE.rglob("*.html"):
        found |= set(re.findall(r"\bw\.([\w-]+)", file.read_text()))
    for file in HERE.rglob("*.py"):
        text = file.read_text()
        found |= set(re.findall(r'(?:words|WORDS\[language\])\["([\w-]+)"\]', text))
        found |= set(re.findall(r'_ask\(request, language, "(\w+)"', text))
    return found


def test_none_is_missing_and_none_is_for_nothing():
    assert used() == set(WORDS["id"])
    assert set(WORDS["id"]) == set(WORDS["en"])


def test_both_languages_leave_room_for_the_same():
    for key, text in WORDS["id"].items():
        rooms = [
            {room for _, room, *_ in Formatter().parse(said) if room}
            for said in (text, WORDS["en"][key])
        ]
        assert rooms[0] == rooms[1], key
        assert text.strip() == text
        assert len(text) > 1


def test_sentences_are_short_enough_for_a_child():
    """Words per sentence: a measure that finds what should be said again, more simply."""
    for language in ("id", "en"):
        for key, text in WORDS[language].items():
            for sentence in re.split(r"(?<=[.?!:])\s", text):
                assert len(sentence.split()) <= 27, (language, key, sentence)
