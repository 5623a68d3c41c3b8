"""Sections that other packages add to a case's page. The desk knows none of them by name.

A program that starts the desk registers them before it is opened; docs/desk.md has an example.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from perisai.desk.cases.domain import notes_for, read
from perisai.desk.improvements.domain import requests_for
from perisai.desk.summons.domain import letters_seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.permissions import Permission


@dataclass(frozen=True, slots=True)
class Panel:
    """One section.

    ``title`` is in Indonesian and English. Only who has ``permission`` gets it. ``values`` returns
    what ``template`` in the folder ``templates`` shows, or None to show nothing; the template knows
    ``language``, ``case``, and the filters of the desk. ``order`` sorts the sections of a page.
    """

    name: str
    title: tuple[str, str]
    permission: Permission
    values: Callable[[Case, Actor], Mapping[str, Any] | None]
    templates: Path
    template: str
    order: int = 100


_REGISTERED: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Add a section to every case's page. Raises ValueError if there is one of this name."""
    if _REGISTERED.get(panel.name, panel) is not panel:
        raise ValueError(f"there is a panel {panel.name} already; choose another name")
    _REGISTERED[panel.name] = panel


def forget(name: str) -> None:
    """Take a section away again."""
    _REGISTERED.pop(name, None)


def panels_for(actor: Actor) -> list[Panel]:
    """The sections that somebody may see, in their order."""
    found = (each for each in _REGISTERED.values() if actor.may(each.permission))
    return sorted(found, key=lambda each: (each.order, each.name))


def seen_by(case: Case, actor: Actor) -> Case:
    """The case as somebody may see it: without notes, letters and requests that are not for them.

    Raises NotAllowed for who may not see it at all. Sealed samples have nothing left in them.
    """
    read(case, actor)
    return replace(
        case,
        notes=notes_for(case, actor),
        summons={each.id: each for each in letters_seen(case, actor)},
        improvements={each.id: each for each in requests_for(case, actor)},
    )
