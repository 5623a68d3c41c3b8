"""A complaint in three steps, a look over it, and the receipt. Everything works without JavaScript.

One address answers all of it: the step, the way to go and what was said so far come in the form, so
that neither the address bar nor the history says anything of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import TooManyFilesSent
from django.views.decorators.http import require_http_methods

from perisai.desk.public import drafts, forms, uploads, work
from perisai.desk.public.drafts import Draft
from perisai.desk.public.here import here
from perisai.desk.public.pages import RETRY, minutes, render
from perisai.desk.public.words import WORDS
from perisai.errors import Outdated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

    from perisai.desk.public.uploads import Seen
    from perisai.desk.public.words import Language

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
    form = _form_of(step)(request.POST, WORDS[language])
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
        told |= {"parts": _said(draft, words), "basis": _basis(language, draft)}
        return render(request, language, "check", status, **told)
    if form is None:
        form = _form_of(step)(None, words, initial=draft.said)
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
    if step in NAMES:
        draft = draft.with_more(_form_of(step)(request.POST, WORDS[language]).kept())
    notice = WORDS[language]["old_form"]
    return _step(request, language, 1, draft, status=422, notice=notice)


def _said(draft: Draft, words: Mapping[str, str]) -> list[dict[str, object]]:
    """What will be sent, part by part, in the words of the form."""
    said = draft.said
    shown = said | {
        "kind": words[f"kind_{said['kind']}"] if said.get("kind") else "",
        "child": words[f"child_{said['child']}"] if said.get("child") else "",
        "age": forms.age_words(said.get("age", ""), words),
        "grown": words[f"grown_{said['grown']}"] if said.get("grown") else "",
    }
    return [
        {
            "title": words[f"check_{NAMES[step]}"],
            "change": words[f"change_{NAMES[step]}"],
            "step": step,
            "lines": [(words[f"{n}_label"], shown.get(n, "")) for n in _form_of(step).base_fields],
        }
        for step in NAMES
    ]


def _form_of(step: int) -> type[forms.Asked]:
    """The form of a step. Whether somebody is grown is asked only where it matters."""
    who = forms.WhoOfAge if uploads.most(here().settings) else forms.Who
    return {1: forms.Where, 2: forms.What, 3: who}[step]


def _basis(language: Language, draft: Draft) -> str:
    """The law by which a file may be sent; empty where none may."""
    if not uploads.offered(here(), draft):
        return ""
    desk = here().desk
    return (desk.upload_basis_en if language == "en" else None) or desk.upload_basis or ""


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
    if sum(len(each) for _, each in request.FILES.lists()) > 1:
        raise TooManyFilesSent
    file = request.FILES.get(uploads.FIELD)
    seen = uploads.look_at(here(), file) if file and uploads.offered(here(), draft) else None
    return take(
        request,
        language,
        draft.said | ({"sha256": seen.sha256} if seen else {}),
        once=draft.once,
        reporter=draft.reporter,
        child=draft.child,
        source="public",
        proven=proven,
        seen=seen,
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
    seen: Seen | None = None,
) -> HttpResponse:
    """Write a complaint down and show its receipt; or say that this very form has come already.

    ``seen`` is what came of a file that was sent with it.
    """
    more: dict[str, Any] = {} if proven else {"unproven": True}
    if seen and seen.found:
        more["looked"] = seen.found
    house = here().house
    receipt = house.draw_receipt()
    try:
        house.receive(
            told,
            source=source,
            reporter=reporter,
            receipt=receipt,
            child=child or bool(seen and seen.abuse),
            once=once,
            more=more,
        )
    except Outdated:
        return render(request, language, "already", 409)
    appeal = source == "appeal"
    code = str(receipt).split()
    looked = "" if seen is None else "seen" if seen.found else "unseen"
    return render(
        request, language, "receipt", code=code, child=child, appeal=appeal, looked=looked
    )


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
