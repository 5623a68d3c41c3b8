"""Draws the sections that other packages add to a case's page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.template import Context, Engine

from perisai.desk.panels import panels_for, seen_by
from perisai.desk.web.wording import LANGUAGES, language

if TYPE_CHECKING:
    from pathlib import Path

    from django.utils.safestring import SafeString

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.panels import Panel

_LOG = logging.getLogger("perisai.desk")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A section as it is shown; ``html`` is None if it could not be made."""

    name: str
    title: str
    html: SafeString | None


def drawn(case: Case, actor: Actor) -> list[Drawn]:
    """Every section of this case's page that somebody may see.

    A panel that fails shows that it did, and nothing else on the page is lost by it.
    """
    made, seen = [], seen_by(case, actor)
    for panel in panels_for(actor):
        title = panel.title[LANGUAGES.index(language())]
        try:
            html = _draw(panel, seen, actor)
        except Exception as error:  # noqa: BLE001 - whatever is wrong in another package's section
            _LOG.warning("panel %s of %s failed: %s", panel.name, case.id, type(error).__name__)
            made.append(Drawn(panel.name, title, None))
            continue
        if html is not None:
            made.append(Drawn(panel.name, title, html))
    return made


def _draw(panel: Panel, case: Case, actor: Actor) -> SafeString | None:
    values = panel.values(case, actor)
    if values is None:
        return None
    template = _engine(panel.templates).get_template(panel.template)
    return template.render(Context({**values, "case": case, "language": language()}))


@cache
def _engine(folder: Path) -> Engine:
    return Engine(dirs=[str(folder)], builtins=["perisai.desk.web.wording"])
