"""Search words beside other word filters: ``python -m bench.words`` (needs the extra ``bench``).

Every filter judges the same searches, one at a time: the innocent and the explicit ones of
tests/vocabulary, and those held out. Filters take turns, three times; the medians count. Prints a
table; ``--write`` puts it into docs/vocabulary.md.

``perisai``           ``Vocabulary.judge``; ``block`` counts
``better-profanity``  ``profanity.contains_profanity`` with its own English words
``… with our words``  the same, loaded with the explicit terms and spellings of our lexicon
``alt-profanity-check``  ``predict([text])``, a linear model of English comments
"""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, perf_counter_ns
from typing import TYPE_CHECKING

from tests.vocabulary import sets

from bench import machine
from perisai.vocabulary import QueryDecision, TermClass, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    Filter = Callable[[str], bool]

PAGE = Path(__file__).parents[1] / "docs" / "vocabulary.md"
BEGIN = "<!-- beside others: made by `python -m bench.words --write` -->"
END = "<!-- end of beside others -->"
ROUNDS = 3
COLUMNS = (
    "innocent blocked",
    "innocent held out, blocked",
    "evasions missed",
    "evasions held out, missed",
    "µs mean", "µs p50", "µs p99", "load, s",
)  # fmt: skip


def load_perisai() -> Filter:
    vocabulary = Vocabulary.load()
    return lambda text: vocabulary.judge(text).decision is QueryDecision.BLOCK


def load_better_profanity() -> Filter:
    from better_profanity import Profanity

    theirs = Profanity()
    theirs.load_censor_words()
    return lambda text: bool(theirs.contains_profanity(text))


def load_better_profanity_with_ours() -> Filter:
    from better_profanity import Profanity

    words = [
        text
        for term in Vocabulary.load().terms
        if term.kind is TermClass.EXPLICIT
        for text in (term.text, *term.spellings)
    ]
    theirs = Profanity()
    theirs.load_censor_words(words)
    return lambda text: bool(theirs.contains_profanity(text))


def load_alt_profanity_check() -> Filter:
    from profanity_check import predict

    return lambda text: bool(predict([text])[0])


FILTERS: dict[str, Callable[[], Filter]] = {
    "perisai": load_perisai,
    f"better-profanity {version('better-profanity')}": load_better_profanity,
    "better-profanity with our words": load_better_profanity_with_ours,
    f"alt-profanity-check {version('alt-profanity-check')}": load_alt_profanity_check,
}


@dataclass(frozen=True)
class Measured:
    """One filter in one round: seconds to load, microseconds for each search, what it blocked."""

    load_s: float
    micros: list[float]
    blocked: dict[str, float]


def searches() -> dict[str, list[str]]:
    held_out = {
        f"{name}, held out": [text for _, text in sets.read(sets.HELD_OUT / f"{name}.txt")]
        for name in ("innocent", "evasions")
    }
    evasions = [*sets.evasions(), *(text for _, text in sets.disguised())]
    return {"innocent": sets.innocent(), "evasions": evasions, **held_out}


def measure(load: Callable[[], Filter], given: dict[str, list[str]]) -> Measured:
    begin = perf_counter()
    blocks = load()
    blocks("kucing lucu")
    load_s = perf_counter() - begin
    micros: list[float] = []
    blocked: dict[str, float] = {}
    for name, texts in given.items():
        said = 0
        for text in texts:
            start = perf_counter_ns()
            found = blocks(text)
            micros.append((perf_counter_ns() - start) / 1e3)
            said += found
        blocked[name] = said / len(texts)
    return Measured(load_s, micros, blocked)


def table() -> str:
    given = searches()
    rounds: dict[str, list[Measured]] = {name: [] for name in FILTERS}
    for _ in range(ROUNDS):
        for name, load in FILTERS.items():
            rounds[name].append(measure(load, given))
    told = machine.describe()
    total = sum(map(len, given.values()))
    lines = [
        f"{total} searches, {told['cores']} cores of {told['processor']}, Python {told['python']}.",
        "",
        _line(["Filter", *COLUMNS]),
        "|---" * (1 + len(COLUMNS)) + "|",
    ]
    lines += [_row(name, found) for name, found in rounds.items()]
    return "\n".join([*lines, ""])


def _row(name: str, found: list[Measured]) -> str:
    share = found[0].blocked
    speeds = [
        statistics.median(number(each.micros) for each in found)
        for number in (statistics.fmean, statistics.median, _p99)
    ]
    return _line([
        name,
        f"{100 * share['innocent']:.1f} %",
        f"{100 * share['innocent, held out']:.1f} %",
        f"{100 * (1 - share['evasions']):.1f} %",
        f"{100 * (1 - share['evasions, held out']):.1f} %",
        *(f"{speed:,.0f}" for speed in speeds),
        f"{statistics.median(each.load_s for each in found):.2f}",
    ])  # fmt: skip


def _p99(micros: list[float]) -> float:
    return statistics.quantiles(micros, n=100)[98]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    made = table()
    if "--write" not in sys.argv:
        print(made)
        return
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{made}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
