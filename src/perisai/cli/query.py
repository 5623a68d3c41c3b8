"""``perisai query``: what a search asks for, and why."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.vocabulary import Judgement, Match, Vocabulary

COLOURS = {"allow": "green", "filter": "yellow", "block": "red", "help": "cyan"}
MEANINGS = {
    "en": {
        "allow": "results as usual",
        "filter": "results held to the strictest rating",
        "block": "an empty page",
        "help": "results held to the strictest rating, and a help card",
    },
    "id": {
        "allow": "hasil seperti biasa",
        "filter": "hasil disaring dengan peringkat paling ketat",
        "block": "halaman kosong",
        "help": "hasil disaring paling ketat, disertai kartu bantuan",
    },
}


@click.command()
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per query and line.")
@click.option(
    "--lang",
    type=click.Choice(["en", "id"]),
    default="en",
    help="Language of meanings and help cards.",
)
def query(texts: tuple[str, ...], as_json: bool, lang: str) -> None:
    """Say what each TEXT asks for: allow, filter, block or help, and which words decided it.

    Quote a search of several words. `-` reads searches from standard input, one a line. Exit
    status 0: judged, whatever the decision.
    """
    from perisai import settings
    from perisai.vocabulary import Vocabulary

    chosen = settings.load()
    vocabulary = Vocabulary.load(chosen.vocabulary.lexicons)
    for text in _lines(texts):
        judgement = vocabulary.judge(text)
        if as_json:
            click.echo(json.dumps(_facts(judgement), ensure_ascii=False))
        else:
            click.echo(_told(judgement, lang))
    _say_overdue(vocabulary)


def _lines(texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        if text != "-":
            yield text
            continue
        for line in sys.stdin.buffer:
            # What is no UTF-8 is judged all the same, by what can be read of it.
            said = line.decode("utf-8", "replace").rstrip("\r\n")
            if said.strip():
                yield said


def _facts(judgement: Judgement) -> dict[str, Any]:
    return {
        "query": judgement.query,
        "decision": judgement.decision.value,
        "terms": [_term(match) for match in judgement.terms],
        "weight": judgement.weight,
        "help": list(judgement.cards),
        "unread": judgement.unread,
    }


def _term(match: Match) -> dict[str, Any]:
    term = match.term
    return {
        "term": term.text,
        "written": match.written,
        "view": match.view.value,
        "class": term.kind.value,
        "weight": match.weight,
        "language": term.language,
        "reason": term.reason,
        "owner": term.owner,
        "review": term.review.isoformat(),
    }


def _told(judgement: Judgement, lang: str) -> str:
    from perisai.vocabulary import MAX_LENGTH, cards

    decision = judgement.decision.value
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in judgement.query)
    mark = click.style(f"{decision:<7}", fg=COLOURS[decision], bold=decision == "block")
    lines = [f"{mark} {shown}  ({MEANINGS[lang][decision]})"]
    lines += [f"        {_line(match)}" for match in judgement.terms]
    if judgement.unread:
        lines.append(f"        {judgement.unread} characters after the first {MAX_LENGTH} not read")
    for name in judgement.cards:
        card = cards()[name]
        lines.append(f"        [{name}] {card.id if lang == 'id' else card.en}")
    return "\n".join(lines)


def _line(match: Match) -> str:
    term = match.term
    seen = "" if match.written == term.text else f' as "{match.written}" ({match.view.value})'
    weight = f" {match.weight:.2f}" if match.weight else ""
    return (
        f"{term.text}{seen}: {term.kind.value}{weight}, {term.language}. {term.reason} "
        f"(review by {term.review}, {term.owner})"
    )


def _say_overdue(vocabulary: Vocabulary) -> None:
    from datetime import UTC, datetime

    late = vocabulary.overdue(datetime.now(UTC).date())
    if late:
        owners = ", ".join(sorted({term.owner for term in late}))
        click.echo(
            f"Note: {len(late)} terms are due for review since {min(t.review for t in late)} "
            f"({owners}). They still protect.",
            err=True,
        )
