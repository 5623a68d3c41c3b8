"""Writing, agreeing and publishing the result of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.actors import require, require_another
from perisai.desk.cases.domain import RESULT_CLOCK, require_open
from perisai.desk.clocks import domain as clocks
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case

LANGUAGES = ("id", "en")


def draft(case: Case, actor: Actor, texts: Mapping[str, str]) -> list[NewFact]:
    """Write what is to be made known, in both languages; a new draft needs a new agreement."""
    require(actor, Permission.RESULT_DRAFT, case.conflicted)
    require_open(case)
    if case.claim == "open":
        raise NotYet("The claim is not decided yet; there is nothing to make known.")
    if case.result and case.result.published:
        raise NotYet("The result is public already.")
    told = {language: texts.get(language, "").strip() for language in LANGUAGES}
    if not all(told.values()):
        raise NotYet("Write the result in Indonesian and in English.")
    return [NewFact(Event.RESULT_DRAFTED, {"texts": told})]


def approve(case: Case, actor: Actor) -> list[NewFact]:
    """A second person agrees."""
    require(actor, Permission.RESULT_APPROVE, case.conflicted)
    if case.result is None or case.result.published:
        raise NotYet("There is no draft to agree to.")
    require_another(actor, case.result.drafted_by)
    if case.result.approved_by:
        raise NotYet("Somebody has agreed to this draft already.")
    return [NewFact(Event.RESULT_APPROVED, {})]


def publish(case: Case, actor: Actor) -> list[NewFact]:
    """It becomes public, and the promise is kept."""
    require(actor, Permission.RESULT_DRAFT, case.conflicted)
    if case.result is None or not case.result.approved_by:
        raise NotYet("Two people are needed before a result becomes public.")
    if case.result.published:
        raise NotYet("The result is public already.")
    return [NewFact(Event.RESULT_PUBLISHED, {}), *clocks.met(case.clocks, RESULT_CLOCK)]
