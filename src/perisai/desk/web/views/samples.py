"""Having a file looked at, and sealing what shows a child."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.cases import domain
from perisai.desk.previews import services as previews
from perisai.desk.web import forms
from perisai.desk.web.running import desk
from perisai.desk.web.views import case_page
from perisai.desk.web.views.acting import attempt, known_case, to_case
from perisai.desk.withholding import services as withholding
from perisai.errors import NotYet, ServiceError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request


def screened(request: Request, key: str) -> HttpResponse:
    """Screen a file that an officer gives. It is in memory, and gone when this returns.

    What may be left of it is a preview.
    """
    case = known_case(key)
    domain.may_screen(case, request.actor)
    form = forms.Sample(request.POST, request.FILES, complaints=case.complaints)

    def do(said: dict[str, Any]) -> HttpResponse:
        file, limit = said["file"], desk().settings.desk.sample_bytes
        if file.size > limit:
            raise NotYet(f"The file is larger than {limit // 1024 // 1024} MiB.")
        try:
            data = file.read()
            found = desk().looking.look(data, file.name, prints=True)
        except ServiceError as error:
            raise NotYet("The file could not be looked at now; try again in a moment.") from error
        finally:
            file.close()
        sample = {**found, "seen": said["seen_at"], "complaint": said["complaint"]}
        after = desk().house.screened(key, request.actor, sample)
        previews.keep(desk().house, desk().settings, request.actor, key, data, sample)
        sealed = any(each.sha256 == found["sha256"] and each.sealed for each in after.samples)
        return to_case(key, "sealed" if sealed else "screened", "samples")

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def sealed(request: Request, key: str, sha256: str) -> HttpResponse:
    """Suspected abuse of a child: closed to everyone, at once, with the complaint it came with."""
    known_case(key)
    desk().house.seal_sample(key, sha256, request.actor)
    withholding.apply_waiting(desk().house, desk().gateway)
    return to_case(key, "sealed", "samples")


def withheld(request: Request, key: str, sha256: str) -> HttpResponse:
    """This house's gateway withholds a sample or may show it: at once, or as soon as it is up."""
    known_case(key)

    def do(said: dict[str, Any]) -> HttpResponse:
        after = withholding.decide(
            desk().house, request.actor, desk().gateway, key, sha256, said["what"], said["reason"]
        )
        known = after.withholdings[sha256]
        return to_case(key, known.what if known.applied else "gateway-waits", "samples")

    form = forms.Withhold(request.POST, item=sha256[:12])
    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))
