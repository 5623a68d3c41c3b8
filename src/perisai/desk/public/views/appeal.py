"""Somebody's picture is withheld and should not be: a complaint like any other, from its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_http_methods

from perisai.desk.public import drafts, forms, work
from perisai.desk.public.drafts import Draft
from perisai.desk.public.pages import RETRY, minutes, render
from perisai.desk.public.views.complain import take, too_many
from perisai.desk.public.words import WORDS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from perisai.desk.public.words import Language


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, language: Language) -> HttpResponse:
    """Ask, or take what was written and show a receipt."""
    words = WORDS[language]
    if request.method != "POST":
        return _show(request, language, Draft(), forms.Appeal(None, words))
    form = forms.Appeal(request.POST, words)
    draft = drafts.read(request.POST.get("draft", ""))
    if draft is None:
        return _show(request, language, Draft(), form, 422, words["old_form"])
    draft = work.with_work(draft, request.POST.get("work", ""))
    if request.POST.get("go") == "stay":
        kept = forms.Appeal(None, words, initial=form.kept())
        return _show(request, language, draft, kept)
    if not form.is_valid():
        return _show(request, language, draft, form, 422)
    proven = work.proven(draft.work, draft)
    wait = too_many(request, child=False, proven=proven)
    if wait:
        told = words["busy"].format(minutes=minutes(wait))
        response = _show(request, language, draft, form, 429, told)
        response.headers[RETRY] = str(wait)
        return response
    said = form.cleaned_data
    return take(
        request,
        language,
        {"link": said["item"], "what": said["why"]},
        once=draft.once,
        reporter=said["contact"],
        child=False,
        source="appeal",
        proven=proven,
    )


def _show(
    request: HttpRequest,
    language: Language,
    draft: Draft,
    form: forms.Appeal,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    return render(
        request,
        language,
        "appeal",
        status,
        form=form,
        draft=draft.signed(),
        challenge=work.challenge(draft),
        notice=notice,
        same_page="",
    )
