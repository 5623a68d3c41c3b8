"""How something is done on a page: a form is read, the domain decides, a page follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.attachments.given import Given
from perisai.desk.attachments.sniffing import PDF, kind_of
from perisai.desk.summons import replies
from perisai.desk.web.running import desk
from perisai.desk.web.wording import told
from perisai.errors import NotYet, Outdated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpResponse

    from perisai.desk.cases.state import Case
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form
    from perisai.storage.facts.records import NewFact

    Again = Callable[[Form, int], HttpResponse]
    """Shows the page once more, with the form as it was filled, and a status."""


def attempt(form: Form, do: Callable[[dict[str, Any]], HttpResponse], again: Again) -> HttpResponse:
    """Read a form, do what it asks for; where that cannot be, show the page again and say why."""
    if not form.is_valid():
        return again(form, 422)
    try:
        return do(form.cleaned_data)
    except Outdated as error:
        form.add_error(None, told(error))
        return again(form, 409)
    except NotYet as error:
        form.add_error(None, told(error))
        return again(form, 422)


def change(
    request: Request,
    key: str,
    form: Form,
    decide: Callable[[Case, dict[str, Any]], list[NewFact]],
    *,
    done: str,
    at: str = "",
) -> HttpResponse:
    """Change a case as a form says; then back to its page, at the part ``at``."""
    from perisai.desk.web.views import case_page  # noqa: PLC0415 - it shows forms of all

    def do(said: dict[str, Any]) -> HttpResponse:
        desk().house.change_case(
            key, request.actor, lambda case: decide(case, said), seen=said.get("seen")
        )
        return to_case(key, done, at)

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def to_case(key: str, done: str, at: str = "") -> HttpResponse:
    """Lead back to the page of a case."""
    return redirect(f"{reverse('case', args=[key])}?done={done}{f'#{at}' if at else ''}")


def bytes_of(file: UploadedFile[bytes]) -> bytes:
    """What is in a file that was sent. Raises NotYet if it is larger than the house allows."""
    largest = desk().settings.desk.attachment_bytes
    if (file.size or 0) > largest:
        raise NotYet(f"The file is larger than {largest // 1024 // 1024} MiB.")
    return bytes(file.read())


def given_of(files: Sequence[UploadedFile[bytes]]) -> list[Given]:
    """The files that were sent with an answer. Raises NotYet if together they are too large."""
    largest = desk().settings.desk.attachment_bytes
    if sum(each.size or 0 for each in files) > largest:
        raise NotYet(f"The file is larger than {largest // 1024 // 1024} MiB.")
    return [Given(each.name or "", bytes(each.read())) for each in files]


def besides_of(said: dict[str, Any]) -> replies.Besides:
    """What comes with an answer, and until when an objection in it is to be decided."""
    now = desk().house.clock()
    by = replies.until(now, desk().procedure, desk().calendar)
    return replies.Besides(now, by, said["objects"], said["promise"], said["promise_by"])


def scan_of(said: dict[str, Any]) -> list[Given]:
    """The scan of a paper, if there is one. Raises NotYet for anything but a PDF."""
    scans = given_of([said["scan"]] if said["scan"] else [])
    if any(kind_of(each.data) != PDF for each in scans):
        raise NotYet("The scan of a paper is a PDF.")
    return scans


def known_case(key: str) -> Case:
    """The case with this number. Raises Http404."""
    try:
        return desk().house.case(key)
    except NotYet as error:
        raise Http404 from error
