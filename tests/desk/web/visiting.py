"""Somebody at the desk: opens pages and sends the forms that stand on them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.test import Client

from perisai.desk.people.models import Member

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.permissions import Role

PLATFORM = "Contoh Pesan"
TOKEN = "csrfmiddlewaretoken"
BACKEND = "perisai.desk.web.accounts.Members"


@dataclass
class SentForm:
    """A form on a page: where it goes, and what its fields hold."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    files: bool = False


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[SentForm] = []
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            multipart = at.get("enctype") == "multipart/form-data"
            method = at.get("method", "get")
            self.found.append(SentForm(at.get("action", ""), method, files=multipart))
        elif not self.found or not (at.get("name") or tag == "option"):
            return
        elif tag == "input" and at.get("type") not in ("checkbox", "radio", "file"):
            self.found[-1].fields[at["name"]] = at.get("value", "")
        elif tag == "input" and "checked" in at:
            self.found[-1].fields[at["name"]] = at.get("value", "on")
        elif tag == "textarea":
            self._area = at["name"]
            self.found[-1].fields[self._area] = ""
        elif tag == "select":
            self._select = at["name"]
        elif tag == "option" and self._select:
            known = self.found[-1].fields
            if "selected" in at or self._select not in known:
                known[self._select] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            # HTML drops the first line break of a text field.
            self.found[-1].fields[self._area] += data


def forms_on(page: HttpResponse) -> list[SentForm]:
    """Every form on a page."""
    parser = _Forms()
    parser.feed(page.content.decode())
    for form in parser.found:
        form.fields = {k: v.removeprefix("\n").removeprefix("\r\n") for k, v in form.fields.items()}
    return parser.found


class Staff:
    """Somebody who has signed in. CSRF is checked, as for real browsers."""

    def __init__(self, name: str, role: Role | None) -> None:
        self.name, self.role = name, role
        self.client = Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1")

    @classmethod
    def hired(cls, name: str, role: Role, platform: str = "") -> Staff:
        """Make an account, and sign in with it; the password was typed just now."""
        user = User.objects.create(username=name)
        user.set_unusable_password()
        user.password = "argon2$x"  # counts as usable; nobody signs in with it here
        user.save()
        Member.objects.create(user=user, role=role, platform=platform)
        self = cls(name, role)
        self.client.force_login(user, backend=BACKEND)
        self.typed_password()
        return self

    def typed_password(self, seconds_ago: float = 0) -> None:
        """Let the session say that the password was typed so long ago."""
        session = self.client.session
        method = {"method": "password", "at": time.time() - seconds_ago, "reauthenticated": True}
        session["account_authentication_methods"] = [method]
        session["account_authentication_methods_user"] = session["_auth_user_id"]
        session.save()

    def get(self, path: str, **more: object) -> HttpResponse:
        return self.client.get(path, **more)

    def text(self, path: str) -> str:
        """What a page says, without its tags."""
        return text_of(self.get(path))

    def send(self, path: str, action: str, **values: object) -> HttpResponse:
        """Open a page, and send the form on it that goes to ``action`` (or ends so)."""
        page = self.get(path)
        found = [each for each in forms_on(page) if each.action.endswith(action)]
        assert found, f"{path} ({page.status_code}) has no form to {action} for {self.name}"
        return self.client.post(found[0].action or path, {**found[0].fields, **values})

    def post(self, path: str, **values: object) -> HttpResponse:
        """Send something that no page offers; with a token, as a forger within the desk would."""
        token = self._token()
        return self.client.post(path, {"csrfmiddlewaretoken": token, **values})

    def _token(self) -> str:
        page = self.get("/account" if self.role else "/sign-in")
        (token, *_) = (f.fields[TOKEN] for f in forms_on(page) if TOKEN in f.fields)
        return token


def text_of(page: HttpResponse) -> str:
    """What a page says, without its tags."""
    body = re.sub(r"<(script|style).*?</\1>", "", page.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
