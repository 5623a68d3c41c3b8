"""What the house has made known: a list, a page for each case, and both for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, JsonResponse
from django.views.decorators.http import require_safe

from perisai.desk.cases.models import CaseRow
from perisai.desk.public.charts import chart
from perisai.desk.public.forms import age_words
from perisai.desk.public.here import here
from perisai.desk.public.outcomes import as_data, outcome
from perisai.desk.public.pages import render, to
from perisai.desk.public.words import WORDS

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from perisai.desk.public.outcomes import Outcome
    from perisai.desk.public.words import Language

AT_ONCE = 50


@require_safe
def results(request: HttpRequest, language: Language) -> HttpResponse:
    """The newest first, 50 a page."""
    page = _page(request)
    rows = _rows(page)
    words = WORDS[language]
    shown = [
        {"row": row, "claim": words[f"claim_{row.claim}"], "to": to(language, "result", key=row.id)}
        for row in rows[:AT_ONCE]
    ]
    newer, older = (page - 1 if page > 1 else 0), (page + 1 if len(rows) > AT_ONCE else 0)
    return render(request, language, "results", shown=shown, newer=newer, older=older)


@require_safe
def result(request: HttpRequest, language: Language, key: str) -> HttpResponse:
    """One case. What is not published is not there."""
    found = _published(key)
    words = WORDS[language]
    due = here().day(found.promised, language) if found.promised else ""
    promise = words["promise_kept" if found.kept else "promise_late"].format(due=due)
    return render(
        request,
        language,
        "result",
        found=found,
        claim=words[f"claim_{found.claim}"],
        text=found.texts[language],
        promise=promise if found.promised else "",
        timeline=[(each.at, words[f"event_{each.what}"], each.text) for each in found.timeline],
        chart=chart(found.compared),
        numbers=[
            (
                age_words(each.band, words),
                words[f"measured_{when}"],
                measured.at,
                words["measured_of"].format(unfit=measured.unfit, all=measured.all),
            )
            for each in found.compared
            for when, measured in (("before", each.before), ("after", each.after))
            if measured
        ],
        again=any(each.after for each in found.compared),
        data=to(language, "result-data", key=found.id),
    )


@require_safe
def results_data(request: HttpRequest, language: Language) -> HttpResponse:  # noqa: ARG001
    """The list for programs, with the address of each case."""
    page = _page(request)
    rows = _rows(page)
    listed = [
        {
            "id": row.id,
            "title": row.title,
            "platform": row.platform,
            "finding": row.claim,
            "published": row.published.isoformat(),
            "href": to("id", "result-data", key=row.id),
        }
        for row in rows[:AT_ONCE]
        if row.published
    ]
    more = f"{to('id', 'results-data')}?page={page + 1}" if len(rows) > AT_ONCE else None
    return _open({"results": listed, "next": more})


@require_safe
def result_data(request: HttpRequest, language: Language, key: str) -> HttpResponse:  # noqa: ARG001
    """One case for programs."""
    return _open(as_data(_published(key)))


def _open(data: object) -> HttpResponse:
    """Data that any page of others may read."""
    response = JsonResponse(data, safe=False)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:5]) < 10**4 else 1


def _rows(page: int) -> list[CaseRow]:
    """The rows of a page, and one more if there is another page."""
    first = (page - 1) * AT_ONCE
    return list(_all().order_by("-published", "-id")[first : first + AT_ONCE + 1])


def _all() -> QuerySet[CaseRow]:
    return CaseRow.objects.using(here().house.log.alias).filter(published__isnull=False)


def _published(key: str) -> Outcome:
    # One question that answers alike for what is unknown and what is not public.
    if not _all().filter(id=key).exists():
        raise Http404
    found = outcome(here().house.case(key))
    if found is None:
        raise Http404
    return found
