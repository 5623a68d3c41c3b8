"""Letters as files, and the number that the next one gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse

from perisai.desk.attachments.services import store_in
from perisai.desk.cases.models import SummonsRow
from perisai.desk.summons import editions
from perisai.desk.summons.letters import Letter, docx, ics, pdf
from perisai.desk.summons.letters.numbers import next_number
from perisai.desk.web.running import desk

if TYPE_CHECKING:
    from perisai.desk.cases.state import Case
    from perisai.desk.procedures import Language
    from perisai.desk.summons.state import Summons

FORMS = {
    "pdf": (pdf.render, "application/pdf"),
    "docx": (
        docx.render,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "ics": (ics.render, "text/calendar; charset=utf-8"),
}


def file_of(case: Case, letter: Summons, language: Language, form: str) -> HttpResponse:
    """A letter as PDF, as a document to edit, or as a calendar entry."""
    render, kind = FORMS[form]
    data: bytes | None = None
    if form != "ics" and letter.final(language):
        if form == "pdf":
            raise editions.only_docx()
        data = editions.file_of(desk().house, store_in(desk().settings), case, letter, language)
    if data is None:
        data = render(Letter.of(desk().settings.desk, case, letter, language))
    response = HttpResponse(data, content_type=kind)
    name = f"{case.id}-{letter.id}-{language}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def proposed_number() -> str:
    """The number that the next letter gets, if nobody is faster."""
    taken = SummonsRow.objects.exclude(number="").values_list("number", flat=True)
    today = desk().house.clock().astimezone(desk().calendar.zone).date()
    return next_number(desk().settings.desk.letter_number, list(taken), today)
