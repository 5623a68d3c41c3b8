"""Somebody who reads pages and fills in the forms that stand on them."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"


class _Reader(HTMLParser):
    """Collects forms with what is filled into them, and the text that is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.actions: list[str] = []
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._area = self._select = ""

    def handle_starttag(self, tag, attrs) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append((tag, told))
        if tag == "form":
            self.forms.append({})
            self.actions.append(told.get("action", ""))
        elif tag == "input" and (told.get("type") != "radio" or "checked" in told):
            self.forms[-1][told["name"]] = told.get("value", "")
        elif tag == "textarea":
            self._area = told["name"]
            self.forms[-1][self._area] = ""
        elif tag == "select":
            self._select = told["name"]
        elif tag == "option" and "selected" in told:
            self.forms[-1][self._select] = told["value"]

    def handle_endtag(self, tag) -> None:
        if tag == "textarea":
            self.forms[-1][self._area] = self.forms[-1][self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data) -> None:
        if self._area:
            self.forms[-1][self._area] += data
        self.text.append(data)


class Page:
    """One answer."""

    def __init__(self, path: str, response) -> None:
        self.path, self.response = path, response
        self.status = response.status_code
        self.html = response.content.decode()
        reader = _Reader()
        reader.feed(self.html)
        self.forms, self.actions, self.tags = reader.forms, reader.actions, reader.tags
        self.text = " ".join(" ".join(reader.text).split())

    @property
    def code(self) -> str:
        """The receipt on it."""
        found = re.search(r'class="digits">(.*?)</p>', self.html, re.DOTALL)
        return re.sub(r"\D", "", unescape(re.sub(r"<[^>]+>", "", found[1]))) if found else ""


class Visitor:
    """A browser without JavaScript, cookies or memory."""

    def __init__(self, address: str = "192.0.2.7") -> None:
        from django.test import Client

        self.client = Client(
            raise_request_exception=False, REMOTE_ADDR=address, SERVER_NAME="localhost"
        )
        self.page: Page | None = None

    def get(self, path: str = "/", **headers) -> Page:
        return self._see(path, self.client.get(path, headers=headers))

    def post(self, path: str, fields, **headers) -> Page:
        body = fields if isinstance(fields, (bytes, str)) else urlencode(fields)
        sent = {"Sec-Fetch-Site": "same-origin"} | headers
        return self._see(path, self.client.post(path, body, content_type=FORM, headers=sent))

    def send(self, number: int = 0, to: str = "", **fields: str) -> Page:
        """Send a form of the page that is open, with what is filled in besides."""
        page = self.page
        return self.post(to or page.actions[number] or page.path, page.forms[number] | fields)

    def _see(self, path: str, response) -> Page:
        assert not response.cookies, "no page sets a cookie"
        self.page = Page(path, response)
        assert "Traceback" not in self.page.html
        return self.page

    def report(self, language: str = "", **said: str) -> Page:
        """A complaint from the first step to its receipt."""
        self.get(f"{language}/aduan")
        steps = (
            ("app", "words", "link", "when"),
            ("kind", "child", "what", "age"),
            ("name", "contact"),
        )
        for names in steps:
            self.send(**{name: said[name] for name in names if name in said})
            assert self.page.status == 200, self.page.text
        return self.send(go="send")
