"""How it is seen whether a promise was kept: a search that is measured again, a check, a document.

Requests to an agency are verified in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from perisai.desk.cases.evidence import Measure
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("search", "check", "document")
OUTCOMES = ("kept", "late", "broken")
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Verify:
    """A search has ``words`` and ``band``, the others a ``text``.

    ``kind`` is empty for what was written down before there were kinds.
    """

    kind: str
    text: str = ""
    words: str = ""
    band: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How something was at a time: as it was measured, or as somebody wrote.

    ``document`` is the number of the document of the case that shows it, ``sha256`` that of it.
    """

    text: str = ""
    measure: Measure | None = None
    document: str = ""
    sha256: str = ""


def verify_of(told: str | Mapping[str, str]) -> Verify:
    """What a fact says of how it will be verified.

    >>> verify_of("the same words again").text
    'the same words again'
    """
    return Verify("", told) if isinstance(told, str) else Verify(**told)


def evidence_of(told: str | Mapping[str, Any]) -> Evidence:
    """What a fact says of how it was."""
    if isinstance(told, str):
        return Evidence(told)
    if "document" in told:
        return Evidence(told["text"], None, told["document"], told["sha256"])
    at = datetime.fromisoformat(told["at"])
    counts = told["words"], told["band"], told["shown"], told["withheld"]
    return Evidence(measure=Measure(*counts, {}, at, "", told["source"]))


def chosen(measures: Sequence[Measure], verify: Mapping[str, str]) -> dict[str, str]:
    """Return what is written down of how it will be verified; raises NotYet for what is missing.

    A search must have been measured: else nobody could say later what has changed.
    """
    kind = verify.get("kind", "")
    if kind not in KINDS:
        raise NotYet("Say how it will be verified: by a search, a check, or a document.")
    if kind != "search":
        return {"kind": kind, "text": _needed(verify.get("text", ""), "how it will be verified")}
    words, band = verify.get("words", ""), verify.get("band", "")
    if not _of_search(measures, words, band):
        raise NotYet("Measure the search first, and choose it here; then a change can be seen.")
    return {"kind": kind, "words": words, "band": band}


def offered(measures: Sequence[Measure], verify: Verify) -> list[tuple[int, Measure]]:
    """The measures that may be evidence for this search, each with its number in the case."""
    return [
        (number, each)
        for number, each in enumerate(measures)
        if (each.words, each.band) == (verify.words, verify.band)
    ]


def judged(
    measures: Sequence[Measure],
    verify: Verify,
    said: Mapping[str, str],
    *,
    since: datetime,
    due: datetime,
    documents: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what is written down of ``said``: the outcome, how it was before, how it is now.

    For a search, before and now are numbers of measures of the case: the second of them measured
    ``since`` it was promised or asked, and after it was ``due`` where it is found late or broken.
    What is verified by a document names one of ``documents`` (with their SHA-256), unless it is
    broken: then there may be none. Raises NotYet.
    """
    outcome, before, after = said["outcome"], said["before"], said["after"]
    if outcome not in OUTCOMES:
        raise NotYet("What was promised or asked is kept, late or broken.")
    if verify.kind != "search":
        texts = {"before": _needed(before, "how it was before")}
        now: str | dict[str, str] = _needed(after, "how it is now")
        if document := _named(verify, said, documents or {}):
            now = {"text": str(now), "document": document, "sha256": (documents or {})[document]}
        return {"outcome": outcome, **texts, "after": now}
    known = dict(offered(measures, verify))
    if not any(each.at > since for each in known.values()):
        raise NotYet("Nothing was measured since then; measure this search again first.")
    first, last = _number(before), _number(after)
    if first not in known or last not in known:
        raise NotYet("Choose two of the measures of this very search.")
    if known[last].at <= since:
        raise NotYet("How it is now must have been measured after it was promised or asked.")
    if first >= last:
        raise NotYet("How it was before must have been measured before how it is now.")
    if outcome != "kept" and known[last].at <= due:
        raise NotYet("Late or broken is seen only in what was measured after it was due.")
    return {"outcome": outcome, "before": _copy(known[first]), "after": _copy(known[last])}


def _named(verify: Verify, said: Mapping[str, str], documents: Mapping[str, str]) -> str:
    """The document that shows how it is now; empty where none is needed."""
    if verify.kind != "document":
        return ""
    named = said.get("document", "")
    if named and named not in documents:
        raise NotYet("There is no such document in this case.")
    if not named and said["outcome"] != "broken":
        raise NotYet("Choose the document that shows it; attach it to the case first.")
    return named


def _of_search(measures: Sequence[Measure], words: str, band: str) -> bool:
    return any((each.words, each.band) == (words, band) for each in measures)


def _copy(measure: Measure) -> dict[str, Any]:
    """What was measured, once more in the fact that judges: it can be read without the others."""
    return {
        "words": measure.words,
        "band": measure.band,
        "shown": measure.shown,
        "withheld": measure.withheld,
        "at": measure.at.isoformat(),
        "source": measure.source,
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else -1


def _needed(text: str, what: str) -> str:
    text = text.strip()
    if not text:
        raise NotYet(f"Write {what}.")
    if len(text) > LONGEST:
        raise NotYet(f"This is longer than {LONGEST:,} characters; shorten it.")
    return text
