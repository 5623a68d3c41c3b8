"""The rows by which documents are found again, computed from facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.attachments.models import AttachmentRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from perisai.desk.attachments.state import Attachment


def of_case(case: str, known: Mapping[str, Attachment]) -> Iterator[AttachmentRow]:
    """The rows of one case."""
    for each in known.values():
        yield AttachmentRow(
            case=case,
            attachment=each.id,
            box=each.box,
            sha256=each.sha256,
            until=each.until,
            purged=each.purged,
        )
