"""Measure the vocabulary: ``python -m tests.vocabulary.measure`` prints the tables of the docs.

``--write`` puts them into docs/vocabulary.md, between the two marks.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.vocabulary import QueryDecision, Vocabulary
from tests.vocabulary import sets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE = Path(__file__).parents[2] / "docs" / "vocabulary.md"
BEGIN = (
    "<!-- tables: made by `python -m tests.vocabulary.measure --write`; a test compares them -->"
)
END = "<!-- end of tables -->"


@dataclass(frozen=True)
class Row:
    """How the searches of one set were decided."""

    name: str
    counts: Counter[QueryDecision]

    @property
    def total(self) -> int:
        return self.counts.total()

    def share(self, *decisions: QueryDecision) -> float:
        return sum(self.counts[each] for each in decisions) / self.total


def count(name: str, texts: Iterable[str], vocabulary: Vocabulary) -> Row:
    return Row(name, Counter(vocabulary.judge(text).decision for text in texts))


def rows(vocabulary: Vocabulary) -> list[Row]:
    """Every set that there is, the held-out ones last."""
    found = [
        count("innocent, ordinary", sets.ordinary(), vocabulary),
        count(
            "innocent with a second meaning",
            [text for heading, text in sets.read(sets.DATA / "innocent.txt")
             if heading.startswith(sets.MAY_BE_FILTERED)],
            vocabulary,
        ),
        count("evasions, by hand", sets.evasions(), vocabulary),
        count("evasions, made", [text for _, text in sets.disguised()], vocabulary),
    ]  # fmt: skip
    for name in ("innocent", "evasions"):
        file = sets.HELD_OUT / f"{name}.txt"
        if file.is_file():
            texts = [text for _, text in sets.read(file)]
            found.append(count(f"**held out: {name}**", texts, vocabulary))
    return found


def tables(vocabulary: Vocabulary) -> str:
    lines = [
        "| Set | Searches | blocked | filtered | help card | allowed |",
        "|---|---|---|---|---|---|",
    ]
    shown = (
        QueryDecision.BLOCK,
        QueryDecision.FILTER,
        QueryDecision.HELP,
        QueryDecision.ALLOW,
    )
    for row in rows(vocabulary):
        shares = [f"{row.counts[each]} ({100 * row.share(each):.1f} %)" for each in shown]
        lines.append(f"| {row.name} | {row.total} | " + " | ".join(shares) + " |")
    return "\n".join([*lines, "", *_classes(vocabulary), ""])


def _classes(vocabulary: Vocabulary) -> list[str]:
    """What false alarms there are on ordinary searches, by class of the word that raised them."""
    raised: Counter[str] = Counter()
    writings: Counter[str] = Counter()
    for term in vocabulary.terms:
        writings[term.kind] += 1 + len(term.spellings)
    for text in sets.ordinary():
        judged = vocabulary.judge(text)
        if judged.decision in (QueryDecision.BLOCK, QueryDecision.FILTER):
            raised.update({match.term.kind for match in judged.terms if match.weight})
    lines = [
        "| Class | Terms and spellings | False alarms on ordinary searches |",
        "|---|---|---|",
    ]
    lines += [f"| {kind} | {writings[kind]} | {raised[kind]} |" for kind in sorted(writings)]
    return lines


def replaced(page: str, made: str) -> str:
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{made}\n{END}{rest.split(END)[1]}"


def misses(vocabulary: Vocabulary, texts: Iterable[str]) -> list[str]:
    """Explicit asks that are not blocked."""
    return _with(vocabulary, texts, lambda decision: decision is not QueryDecision.BLOCK)


def blocked(vocabulary: Vocabulary, texts: Iterable[str]) -> list[str]:
    return _with(vocabulary, texts, lambda decision: decision is QueryDecision.BLOCK)


def _with(
    vocabulary: Vocabulary, texts: Iterable[str], wanted: Callable[[QueryDecision], bool]
) -> list[str]:
    return [text for text in texts if wanted(vocabulary.judge(text).decision)]


if __name__ == "__main__":
    made = tables(Vocabulary.load())
    if "--write" in sys.argv:
        PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    else:
        sys.stdout.write(made)
