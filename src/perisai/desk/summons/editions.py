"""The version of a letter that somebody edited: kept as a document of the case, and given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from perisai.desk import procedures
from perisai.desk.attachments import domain as attachments
from perisai.desk.attachments import services as documents
from perisai.desk.summons import domain
from perisai.desk.summons.letters import edited
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Callable

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House
    from perisai.desk.procedures import Language
    from perisai.desk.summons.state import Summons
    from perisai.settings import DeskSection
    from perisai.storage.facts.records import NewFact
    from perisai.storage.objects import ObjectStore

AUDIENCE = "internal"
"""Who may open it among the documents; whoever may see the letter gets it as the letter."""


def edit(
    house: House,
    store: ObjectStore,
    chosen: DeskSection,
    actor: Actor,
    case: str,
    letter: str,
    language: Language,
    data: bytes,
    *,
    seen: int | None = None,
) -> Case:
    """Keep what an officer edited as the letter in this language.

    Agreement that somebody gave before is taken away: they agreed to something else. Raises
    NotAllowed, NotYet or Outdated.
    """
    words = procedures.load(chosen.procedure).words[language]
    with house.together():
        house.log.hold()
        known = house.case(case).summons.get(letter)
        # Who edits what was agreed to already has the number in it, and it gets another.
        data = edited.unnumbered(data, known.number if known else "", words)
        made = documents.wrap(house, data, name=f"{case}-{letter}-{language}.docx")

        def decide(known: Case) -> list[NewFact]:
            kept = attachments.facts(
                known, house.clock(), [made.told], audience=AUDIENCE, days=chosen.attachment_days
            )
            told = {"attachment": kept[0].data["attachment"], "sha256": made.sha256}
            new = domain.edited(known, actor, letter, language, **told)
            edited.check(data, words, sealed_in(known))
            made.put(store)
            return [*kept, *new]

        return house.change_case(case, actor, decide, seen=seen)


def approve(
    house: House,
    store: ObjectStore,
    chosen: DeskSection,
    actor: Actor,
    case: str,
    letter: str,
    *,
    number: Callable[[], str],
    seen: int | None = None,
) -> Case:
    """A second person agrees to the letter as it stands, and edited versions get its number.

    ``number`` is asked while the log is held, so that what it finds free is free.
    """

    def decide(known: Case) -> list[NewFact]:
        found, drawn = known.summons.get(letter), number()
        files: dict[str, dict[str, str]] = {}
        made: list[documents.Wrapped] = []
        kept: list[NewFact] = []
        if found and found.edited:
            domain.approve(known, actor, letter, drawn, _promised(found))  # before any work
            for language in sorted(found.edited):
                data = _numbered(house, store, chosen, known, found, language, drawn)
                name = f"{case}-{letter}-{language}.docx"
                made.append(documents.wrap(house, data, name=name))
            days = chosen.attachment_days
            told = [each.told for each in made]
            kept = attachments.facts(known, house.clock(), told, audience=AUDIENCE, days=days)
            for language, each in zip(sorted(found.edited), kept, strict=True):
                files[language] = {
                    "attachment": each.data["attachment"],
                    "sha256": each.data["sha256"],
                    "of": found.edited[language].sha256,
                }
        new = domain.approve(known, actor, letter, drawn, files)
        for wrapped in made:
            wrapped.put(store)
        return [*kept, *new]

    with house.together():
        return house.change_case(case, actor, decide, seen=seen)


def file_of(
    house: House, store: ObjectStore, case: Case, summons: Summons, language: str
) -> bytes | None:
    """The letter as it was edited in this language; None if it is as the house made it.

    Raises NotYet for what was deleted, or names what was sealed since; StorageError.
    """
    known = summons.final(language)
    if known is None:
        return None
    data = documents.read(house, store, case.attachments[known.attachment])
    edited.names_nothing_sealed(data, sealed_in(case))
    return data


def only_docx() -> NotYet:
    """What is said where somebody asks for the PDF of a letter that was edited."""
    return NotYet("This letter was edited by hand: it is there as DOCX only.")


def sealed_in(case: Case) -> set[str]:
    """The SHA-256 of what is closed to everyone."""
    return {each.sha256 for each in case.samples if each.sealed}


def _promised(found: Summons) -> dict[str, dict[str, str]]:
    return {language: {"of": each.sha256} for language, each in found.edited.items()}


def _numbered(
    house: House,
    store: ObjectStore,
    chosen: DeskSection,
    case: Case,
    found: Summons,
    language: str,
    number: str,
) -> bytes:
    words = procedures.load(chosen.procedure).words[cast("Language", language)]
    data = documents.read(house, store, case.attachments[found.edited[language].attachment])
    edited.check(data, words, sealed_in(case))
    return edited.numbered(data, number, words, chosen.name)
