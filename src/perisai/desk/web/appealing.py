"""What the page of a complaint says of what was told, and of an appeal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.complaints.domain import BY_MACHINE, FIELDS
from perisai.desk.complaints.state import CHOSEN
from perisai.desk.permissions import Permission
from perisai.desk.web import forms
from perisai.desk.web.running import desk
from perisai.desk.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Callable

    from perisai.desk.complaints.state import Complaint
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form


def lines_of(complaint: Complaint) -> list[tuple[str, str]]:
    """What was told, name by name; what was chosen from a list in the words of the list."""
    told = complaint.told or {}
    names = [name for name in (*FIELDS, *BY_MACHINE) if told.get(name)]
    return [(name, word(told[name], "told") if name in CHOSEN else told[name]) for name in names]


def appeal_of(
    request: Request,
    complaint: Complaint,
    bound: Callable[[Form], Form],
    made: dict[str, Form],
) -> dict[str, Any] | None:
    """What the page says of an appeal; adds the forms for answering it. None if it is none."""
    appeal = complaint.appeal
    if not appeal.asked:
        return None
    seen = {"seen": complaint.position}
    closed = appeal.decided or complaint.withdrawn or complaint.erased
    if request.actor.may(Permission.APPEAL_DECIDE) and not closed:
        made["propose"] = bound(forms.ProposeAnswer(initial=seen))
        if appeal.proposed and appeal.proposed_by != request.actor.by:
            made["decide"] = bound(forms.Nothing(initial=seen, item="appeal"))
    text = desk().house.people.open(appeal.text) if appeal.text else None
    return {"state": appeal, "text": text}
