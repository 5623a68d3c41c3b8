"""What the facts of a case say about its attachments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.storage.facts.records import Fact

SEALED = "sealed"
"""Why something is purged that may show the abuse of a child."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document. ``sha256`` is that of what was given, ``box`` of its encrypted bytes.

    ``key`` names its key among the keys outside the facts; ``audience`` is ``internal`` or
    ``agencies``.
    """

    id: str
    name: str
    kind: str
    size: int
    sha256: str
    box: str
    key: str
    audience: str
    until: datetime
    at: datetime
    by: str
    purged: datetime | None = None
    sealed: bool = False


def after(known: Mapping[str, Attachment], fact: Fact) -> dict[str, Attachment]:
    """The attachments after one more fact."""
    told = fact.data
    if fact.kind == Event.ATTACHMENT_KEPT:
        made = Attachment(
            told["attachment"],
            told["name"],
            told["kind"],
            told["size"],
            told["sha256"],
            told["box"],
            told["key"],
            told["audience"],
            datetime.fromisoformat(told["until"]),
            fact.at,
            fact.by,
        )
        return {**known, made.id: made}
    if fact.kind == Event.ATTACHMENT_PURGED:
        gone = replace(known[told["attachment"]], purged=fact.at)
        if told["reason"] == SEALED:
            gone = replace(gone, name="", sealed=True)  # its name may say what it showed
        return {**known, gone.id: gone}
    return dict(known)
