"""A complaint in three steps, a look over it, and the receipt. Everything works without JavaScript.

One address answers all of it: the step, the way to go and what was said so far come in the form, so
that neither the address bar nor the history says anything of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_http_methods

from perisai.desk.public import drafts, forms, work
from perisai.desk.public.drafts import Draft
from perisai.desk.public.here import here
from perisai.desk.public.pages import RETRY, minutes, render
from perisai.desk.public.words import WORDS
from perisai.errors import Outdated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from perisai.desk.public.words import Language

STEPS: dict[int, type[forms.Asked]] = {1: forms.Where, 2: forms.What, 3: forms.Who}
NAMES = {1: "where", 2: "what", 3: "who"}
CHECK = 4
APPS = ("WhatsApp", "TikTok", "Instagram", "Telegram", "Facebook", "X", "YouTube", "Discord")


@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest, language: Language) -> HttpResponse:
    """Show the first step, or answer the one that was filled in."""
    if request.method != "POST":
        return _step(request, language, 1, Draft())
    draft = drafts.read(request.POST.get("draft", ""))
    step = _number(request.POST.get("step", ""))
    if draft is None:
        return _begin_again(request, language, step)
    draft = work.with_work(draft, request.POST.get("work", ""))
    go = request.POST.get("go", "next")
    if step == CHECK:
        if go == "send":
            return _send(request, language, draft)
        return _step(request, language, _number(go) if go != "stay" else CHECK, draft)
    return _move(request, language, step, go, draft)


def _move(
    request: HttpRequest, language: Language, step: int, go: str, draft: Draft
) -> HttpResponse:
    """Keep what a step says, and go on, back, or nowhere (to read it in the other language)."""
    form = STEPS[step](request.POST, WORDS[language])
    draft = draft.with_more(form.kept())
    if go == "stay":
        return _step(request, language, step, draft)
    if go == "back":
        return _step(request, language, max(1, step - 1), draft)
    if form.is_valid() and step == 2 and not draft.names_something:
        form.add_error("what", WORDS[language]["error_nothing"])
    if not form.is_valid():
        return _step(request, language, step, draft, form)
    return _step(request, language, step + 1, draft)


def _step(
    request: HttpRequest,
    language: Language,
    step: int,
    draft: Draft,
    form: forms.Asked | None = None,
    status: int = 200,
    **told: object,
) -> HttpResponse:
    words = WORDS[language]
    # Another language by a button of the form: a link would lose what was typed.
    told |= {"draft": draft.signed(), "step": step, "child": draft.child, "same_page": ""}
    told |= {"challenge": work.challenge(draft)}
    if step == CHECK:
        return render(request, language, "check", status, parts=_said(draft, words), **told)
    if form is None:
        form = STEPS[step](None, words, initial=draft.said)
    else:
        status = 422
    name = NAMES[step]
    return render(
        request,
        language,
        "step",
        status,
        form=form,
        title=words[f"{name}_title"],
        lead=words[f"{name}_lead"],
        number=words["step"].format(number=step),
        apps=APPS if step == 1 else (),
        **told,
    )


def _begin_again(request: HttpRequest, language: Language, step: int) -> HttpResponse:
    """A page that was open too long: what its own fields hold is kept, the rest is lost."""
    draft = Draft()
    if step in STEPS:
        draft = draft.with_more(STEPS[step](request.POST, WORDS[language]).kept())
    notice = WORDS[language]["old_form"]
    return _step(request, language, 1, draft, status=422, notice=notice)


def _said(draft: Draft, words: Mapping[str, str]) -> list[dict[str, object]]:
    """What will be sent, part by part, in the words of the form."""
    said = draft.said
    shown = said | {
        "kind": words[f"kind_{said['kind']}"] if said.get("kind") else "",
        "child": words[f"child_{said['child']}"] if said.get("child") else "",
        "age": forms.age_words(said.get("age", ""), words),
    }
    return [
        {
            "title": words[f"check_{NAMES[step]}"],
            "change": words[f"change_{NAMES[step]}"],
            "step": step,
            "lines": [(words[f"{n}_label"], shown.get(n, "")) for n in form.base_fields],
        }
        for step, form in STEPS.items()
    ]


def _send(request: HttpRequest, language: Language, draft: Draft) -> HttpResponse:
    if not draft.names_something:
        # Only by hand: the second step does not let go on without.
        return _step(request, language, 2, draft, status=422)
    proven = work.proven(draft.work, draft)
    wait = too_many(request, child=draft.child, proven=proven)
    if wait:
        notice = WORDS[language]["busy"].format(minutes=minutes(wait))
        title = WORDS[language]["busy_title"]
        response = _step(request, language, CHECK, draft, status=429, notice=notice, busy=title)
        response.headers[RETRY] = str(wait)
        return response
    return take(
        request,
        language,
        draft.said,
        once=draft.once,
        reporter=draft.reporter,
        child=draft.child,
        source="public",
        proven=proven,
    )


def take(
    request: HttpRequest,
    language: Language,
    told: Mapping[str, str],
    *,
    once: str,
    reporter: str,
    child: bool,
    source: str,
    proven: bool,
) -> HttpResponse:
    """Write a complaint down and show its receipt; or say that this very form has come already."""
    more = {} if proven else {"unproven": True}
    house = here().house
    receipt = house.draw_receipt()
    try:
        house.receive(
            told,
            source=source,
            reporter=reporter,
            receipt=receipt,
            child=child,
            once=once,
            more=more,
        )
    except Outdated:
        return render(request, language, "already", 409)
    appeal = source == "appeal"
    code = str(receipt).split()
    return render(request, language, "receipt", code=code, child=child, appeal=appeal)


def too_many(request: HttpRequest, *, child: bool, proven: bool) -> int:
    """0, or for how many seconds no more is taken from this network, or from all.

    Complaints that say that a child is shown have room of their own: whoever floods the others
    does not keep them out. So have those without a proof of work, which cost nothing to make.
    """
    site = here()
    purpose = "complaint, child" if child else "complaint"
    wait = site.spend(request, purpose, site.desk.complaints_per_hour_network)
    if not (wait or proven):
        most = site.desk.complaints_per_hour_unproven
        wait = site.spend_on("all", f"{purpose}, unproven", most)
    return wait or site.spend_on("all", purpose, site.desk.complaints_per_hour)


def _number(text: str) -> int:
    """A step that somebody names; the first for anything else."""
    return int(text) if text in ("1", "2", "3", "4") else 1
