"""Puts a hostile text into every text field of every form that somebody meets at the desk.

Fields are found on the pages themselves: one that is added later is filled without a word here. A
new form is found by itself, too, if it stands on a page that a link leads to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk.web import forms
from perisai.desk.web.access import DOORS
from tests.desk.web import stories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from tests.desk.web.visiting import Staff

MARK = "penyusup"
HOSTILE = (
    f"\"'><script>{MARK}()</script><img src=x onerror={MARK}()>{{{{7*7}}}}{{% debug %}}&lt;b&gt;"
    "\r\nX-Evil: 1\r\n{\"level\": \"critical\"}"
)  # fmt: skip
NOT_TEXT = {"checkbox", "radio", "file", "hidden", "submit", "button", "password"}
GIVEN = {
    "email": "kontak@contoh.example", "date": "2026-12-01", "datetime-local": "2026-11-16T13:00",
    "number": "1", "time": "12:00", "url": "https://x.invalid/",
}  # fmt: skip
"""What fields get in which no other text can stand."""
OWN_ACCOUNT = ("/account", "/sign-", "/language", "/keys")
"""Forms about whoever looks: they would sign out, or change the password."""


@dataclass
class Filled:
    """A form of a page, filled with hostile text."""

    action: str
    method: str
    name: str = ""
    values: dict[str, object] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


def paper() -> SimpleUploadedFile:
    """A document with a hostile name."""
    return SimpleUploadedFile(f"{MARK}<b>.pdf", f"%PDF-1.7 {HOSTILE}".encode())


def names() -> dict[str, list[str]]:
    """Every form that is known, with its fields of free text."""
    from django import forms as django_forms

    found: dict[str, list[str]] = {}
    for kind in vars(forms).values():
        if isinstance(kind, type) and issubclass(kind, forms.Form) and kind.name:
            found[kind.name] = [
                name
                for name, each in kind.base_fields.items()
                if type(each) is django_forms.CharField or isinstance(each, forms.fields.Lines)
                if not each.widget.is_hidden
                if not isinstance(each.widget, django_forms.PasswordInput)
            ]
    return found


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Filled] = []
        self.links: set[str] = set()
        self._area = self._select = ""
        self._known = sorted(names(), key=len, reverse=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a" and at.get("href", "").startswith("/"):
            self.links.add(at["href"].partition("#")[0])
        elif tag == "form":
            self.forms.append(Filled(at.get("action", ""), at.get("method", "get").lower()))
        elif not self.forms:
            return
        elif tag == "textarea" or (tag == "input" and at.get("name")):
            self._input(tag, at)
        elif tag == "select":
            self._select = at.get("name", "")
        elif tag == "option" and self._select:
            known = self.forms[-1].values
            if "selected" in at or not known.get(self._select):
                known[self._select] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def _input(self, tag: str, at: dict[str, str]) -> None:
        form, name = self.forms[-1], at["name"]
        kind = "textarea" if tag == "textarea" else at.get("type", "text")
        mark = at.get("id", "")
        form.name = form.name or next((k for k in self._known if mark.startswith(f"{k}-")), "")
        if kind in GIVEN:
            form.values[name] = at.get("value") or GIVEN[kind]
        elif kind == "file":
            form.values[name] = paper() if "pdf" in at.get("accept", "") else stories.gif()
        elif kind == "radio":
            form.values.setdefault(name, at.get("value", "on"))
        elif kind in NOT_TEXT:
            form.values[name] = at.get("value", "" if kind == "hidden" else "on")
        else:
            longest = int(at.get("maxlength") or 4000)
            text = HOSTILE if tag == "textarea" else HOSTILE.partition("\r")[0]
            form.values[name] = text[:longest]
            form.texts.append(name)


@dataclass
class Infesting:
    """Who fills; ``sent`` has the fields of each form that was taken, ``pages`` what was seen."""

    sent: dict[str, set[str]] = field(default_factory=dict)
    pages: dict[str, set[str]] = field(default_factory=dict)

    def fill(self, person: Staff, path: str, action: str, **needed: object) -> HttpResponse:
        """Send the form that goes to ``action`` (or ends so), with ``needed`` as it is."""
        found = [each for each in read(person.get(path)).forms if each.action.endswith(action)]
        assert found, f"{path} has no form to {action} for {person.name}"
        page = self._send(person, path, found[0], needed)
        told = re.findall(r'class="error"[^>]*>(.*?)<', page.content.decode())
        assert page.status_code < 400, (path, action, page.status_code, told)
        return page

    def everything(self, people: list[Staff]) -> None:
        """Follow every link, and fill each form that nobody has sent yet.

        One form may lead to another: as long as some are missing, and some were found.
        """
        wanted = {name for name, texts in names().items() if texts}
        before = -1
        while len(self.sent) > before and (before < 0 or wanted - set(self.sent)):
            before = len(self.sent)
            self._once(people)

    def _once(self, people: list[Staff]) -> None:
        for person in people:
            for path, page in self._walk(person):
                for form in page.forms:
                    written = form.method == "post" and form.name and form.texts
                    if written and form.name not in self.sent:
                        self._send(person, path, form, {})

    def _walk(self, person: Staff) -> Iterator[tuple[str, _Page]]:
        """Every page that is reached by two clicks, one of each kind, and every list."""
        seen, kinds = self.pages.setdefault(person.name, set()), set()
        found = [f"/{each.route}" for each in DOORS.values() if "<" not in each.route]
        waiting = [(path, 0) for path in found if not path.startswith(OWN_ACCOUNT)]
        while waiting:
            path, depth = waiting.pop(0)
            kind = re.sub(r"[0-9a-f]{8,}|\d+", "#", path.partition("?")[0])
            if kind in kinds:
                continue
            kinds.add(kind)
            page = person.get(path)
            if page.status_code != 200:
                continue
            seen.add(path)
            if "text/html" in page["Content-Type"]:
                known = read(page)
                yield path, known
                links = sorted(known.links)
                waiting += [
                    (link, depth + 1)
                    for link in links
                    if depth < 2 and not link.startswith((*OWN_ACCOUNT, "/static"))
                ]

    def _send(
        self, person: Staff, path: str, form: Filled, needed: dict[str, object]
    ) -> HttpResponse:
        values = {**form.values, **needed}
        for _ in range(3):
            for each in values.values():
                if hasattr(each, "seek"):
                    each.seek(0)  # a file that was sent before is sent whole again
            page = person.client.post(form.action or path, values)
            refused = page.content.decode()
            assert f"<script>{MARK}" not in refused, (path, form.action)
            if page.status_code < 400:
                kept = {each for each in form.texts if MARK in str(values[each])}
                self.sent.setdefault(form.name, set()).update(kept)
                break
            wrong = re.findall(r'class="field wrong.*?name="([^"]+)"', refused, re.DOTALL)
            values.update(dict.fromkeys(wrong, "1"))
        return page


def read(page: HttpResponse) -> _Page:
    """The forms and links of a page."""
    parser = _Page()
    parser.feed(page.content.decode(errors="replace"))
    return parser
