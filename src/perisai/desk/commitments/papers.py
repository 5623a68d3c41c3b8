"""The documents of a case that may be evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.attachments.domain import seen

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.attachments.state import Attachment
    from perisai.desk.cases.state import Case


def papers(case: Case, actor: Actor) -> list[Attachment]:
    """Those that this actor may open, and that are still there."""
    return [each for each in seen(case, actor) if not each.purged]


def digests(case: Case, actor: Actor) -> dict[str, str]:
    """Their numbers with their SHA-256."""
    return {each.id: each.sha256 for each in papers(case, actor)}
