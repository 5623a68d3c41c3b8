"""Hostile text in every field of every form: no page, file or log line is moved by it."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from perisai.desk import panels
from perisai.desk.measuring import Measured
from perisai.desk.permissions import Role
from perisai.desk.web.running import use
from perisai.patrol.panel import LAST_SEEN
from perisai.settings.agencies import AgencySection
from tests.desk.web import infesting
from tests.desk.web.infesting import HOSTILE, MARK, Infesting

if TYPE_CHECKING:
    from collections.abc import Iterator


class Patrol:
    """Finds the same for every search."""

    def measure(self, words: str, band: object) -> Measured:
        return Measured(1, 1, {"looks-explicit": 1})


AGENCY = AgencySection(
    issuer="https://login.example.go.id", client_id="x", secret_env="X", label=HOSTILE
)


@pytest.fixture
def told(
    desk, clock, intake, reviewer, officer, commissioner, staff, caplog
) -> Iterator[Infesting]:
    """A house in which somebody filled every text field of every form with hostile text."""
    caplog.set_level(logging.INFO)
    desk.house.second_share = 1.0
    more = {"agencies": {"contoh": AGENCY}}
    use(replace(desk, measuring=Patrol(), settings=desk.settings.model_copy(update=more)))
    panels.register(LAST_SEEN)
    made = Infesting()
    fill = made.fill
    entered = fill(intake, "/complaints/new", "/complaints/new", source="phone").content.decode()
    complaint = entered.partition("/complaints/a-")[2][:16]
    path = f"/complaints/a-{complaint}"
    for person, action in ((intake, "/answer"), (commissioner, "/identity")):
        assert fill(person, path, action).status_code < 400
    new = f"/cases/new?complaint=a-{complaint}"
    case = fill(intake, new, "/cases/new")["Location"].partition("?")[0]
    appeal = desk.house.receive({"link": HOSTILE, "what": HOSTILE}, source="appeal").id
    assert fill(reviewer, f"/complaints/{appeal}", "/appeal").status_code == 302
    for audience in ("internal", "agencies", "public"):
        fill(intake, case, "/notes", audience=audience)
    fill(reviewer, case, "/samples", complaint=f"a-{complaint}")
    fill(reviewer, case, "/gateway", what="withheld")
    fill(reviewer, case, "/claim", outcome="confirmed")
    second = staff(Role.REVIEWER, "penelaah.dua")
    block_list(fill, reviewer, second, case)
    fill(officer, case, "/steps")
    fill(officer, case, "/end")
    other = fill(intake, "/cases/new", "/cases/new")["Location"].partition("?")[0]
    fill(officer, case, "/merge", other=other.rpartition("/")[2])
    fill(officer, case, "/measure")
    answered(fill, officer, commissioner, case)
    requested(fill, officer, commissioner, staff(Role.MINISTRY), case)
    administrator = staff(Role.ADMINISTRATOR)
    fill(administrator, "/people", "/new", account="tamu", role="platform")
    for action, more in (("/role", {"role": "platform"}), ("/agencies", {"agency": "contoh"})):
        fill(administrator, "/people/tamu", action, **more)
    documents_and_referrals(fill, intake, officer, reviewer, commissioner, case)
    liaison = staff(Role.PLATFORM)
    from perisai.desk.people.models import Member

    platform = desk.house.case("K-2026-0001").platform
    assert MARK in platform
    Member.objects.filter(user__username="platform").update(platform=platform)
    fill(liaison, "/mail/K-2026-0001/s-1", "/answer", objects="on", promise_by="2026-12-01")
    fill(staff(Role.CASE_OFFICER, "lain"), case, "/objection", outcome="right")
    people = [officer, commissioner, reviewer, intake, liaison]
    made.everything([*people, *(staff(role) for role in Role)])
    # The first complaint may have been erased or closed by one of these forms: here is another.
    entered = fill(intake, "/complaints/new", "/complaints/new", source="press").content.decode()
    second = f"/complaints/a-{entered.partition('/complaints/a-')[2][:16]}"
    fill(intake, second, "/answer")
    for pages in made.pages.values():
        pages |= {second, f"/complaints/{appeal}"}
    yield made
    panels.forget("patrol")


def block_list(fill, reviewer, second, case: str) -> None:
    """A second opinion; then the sample is proposed for the house's list, refused, agreed to."""
    assert fill(second, "/second/K-2026-0001", "/second/K-2026-0001").status_code == 302
    assert fill(reviewer, case, "/list").status_code == 302
    assert fill(second, case, "/list/refuse").status_code == 302
    assert fill(reviewer, case, "/list").status_code == 302
    assert fill(second, case, "/list/agree", gap="on").status_code == 302
    assert fill(second, case, "/list/withdraw").status_code == 302
    assert fill(second, case, "/list").status_code == 302


def documents_and_referrals(fill, intake, officer, reviewer, commissioner, case: str) -> None:
    """A document with a hostile name that is deleted, and a referral that is reviewed."""
    paper = SimpleUploadedFile(f"{MARK}.txt", HOSTILE.encode(), "text/html")
    fill(officer, case, "/documents", file=paper, audience="internal")
    fill(officer, case, "/documents/b-1/delete")
    entered = fill(intake, "/complaints/new", "/complaints/new", source="visit").content.decode()
    sealed = f"a-{entered.partition('/complaints/a-')[2][:16]}"
    intake.send(f"/complaints/{sealed}", "/seal")
    reviewer.send("/referrals", f"{sealed}/send")
    fill(commissioner, "/referrals", f"{sealed}/review")
    fill(reviewer, f"/complaints/{sealed}", "/seal/question")
    fill(commissioner, f"/complaints/{sealed}", "/seal/keep")


def requested(fill, officer, commissioner, ministry, case: str) -> None:
    """A request that is agreed to, sent, sent anew and answered."""
    fill(officer, case, "/improvements", way="check")
    fill(commissioner, case, "/i-1/agree")
    fill(officer, case, "/i-1/send")
    fill(officer, case, "/i-1/send-again")
    for person, action in ((ministry, "/i-1/answer"), (officer, "/i-1/paper")):
        assert fill(person, case, action, promise_by="2026-12-01").status_code == 302


def answered(fill, officer, commissioner, case: str) -> None:
    """Letters, an answer, a promise and a result."""
    fill(officer, case, "/measured", shown=1, withheld=1, band="6-9")
    for _ in range(3):
        fill(officer, case, "/letters", reply_days="3", until="23:59")
    fill(officer, case, "/s-2/drop")
    fill(commissioner, case, "/s-1/agree")
    fill(officer, case, "/s-1/send")
    fill(officer, case, "/s-1/acknowledge")
    fill(officer, case, "/s-1/answer", promise_by="2026-12-01")
    fill(commissioner, case, "/answers/1/verify", same="no")
    fill(officer, case, "/s-1/attended")
    fill(commissioner, case, "/s-3/agree", number="9/KPA")
    fill(officer, case, "/s-3/send")
    fill(officer, case, "/commitments", way="check")
    fill(officer, case, "/c-1/judge", outcome="kept")
    fill(officer, case, "/result/pause")
    fill(officer, case, "/result")


@pytest.mark.timeout(400)  # every form of the desk
def test_every_field_is_filled_and_moves_nothing(told, desk, staff, officer, caplog):
    known = {name: set(texts) for name, texts in infesting.names().items() if texts}
    missing = set(known) - set(told.sent)
    assert not missing, "let the story above come to a page on which these forms stand"
    empty = {name: known[name] - told.sent[name] for name in set(known) & set(told.sent)}
    assert not {name: left for name, left in empty.items() if left}, "not filled"
    shown = 0
    for person in [staff(role) for role in Role]:
        for path in [*sorted(told.pages[person.name]), f"/platform?name={quote(HOSTILE)}"]:
            for language in ("id", "en") if person is officer else ("id",):
                person.client.cookies["perisai-desk-language"] = language
                shown += looked_at(path, person.get(path))
    assert shown > 300, "the hostile texts were on these pages"
    assert_letters(officer)
    assert_log(caplog)
    assert desk.house.rebuild(write=False) == []


def looked_at(path: str, page) -> int:
    """See that a page or file is what it was made as; return how often the text is on it."""
    body = page.content.decode(errors="replace")
    assert "X-Evil" not in page.headers, path
    assert not any(set("\r\n") & set(value) for value in page.headers.values()), path
    if page.status_code == 302:
        return 0  # one of the forms has closed the account of who looks
    kind = page["Content-Type"].partition(";")[0]
    if kind == "text/html":
        for wrong in (f"<script>{MARK}", f"<img src=x onerror={MARK}", "{49}", '&lt;b&gt;"'):
            assert wrong not in body, (path, wrong)
        assert 'value=""\'>' not in body, path
        assert not re.findall(r'<script(?! src="/static/)', body), path
    elif kind == "text/csv":
        rows = list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))
        assert len({len(row) for row in rows}) == 1, path
        assert not any(cell.lstrip(" ").startswith(("=", "+", "@")) for row in rows for cell in row)
    elif kind == "application/json":
        json.loads(body)
    return body.count(f"{MARK}()")


def assert_letters(officer) -> None:
    """The letter as document, as PDF and as calendar entry."""
    at = "/cases/K-2026-0001/letters/s-1/id"
    for form in ("docx", "pdf", "ics"):
        page = officer.get(f"{at}.{form}")
        assert page.status_code == 200
        assert page["Content-Disposition"] == (f'attachment; filename="K-2026-0001-s-1-id.{form}"')
        if form == "docx":
            with zipfile.ZipFile(io.BytesIO(page.content)) as parts:
                for name in parts.namelist():
                    if name.endswith((".xml", ".rels")):
                        ElementTree.fromstring(parts.read(name))
        elif form == "ics":
            lines = page.content.decode().replace("\r\n ", "").split("\r\n")
            assert not any(line.startswith(("X-Evil", "<script")) for line in lines)


def assert_log(caplog) -> None:
    """No line of the log is what somebody wrote."""
    for record in caplog.records:
        if record.name.startswith(("perisai", "django.request", "django.security")):
            line = record.getMessage()
            assert "\n" not in line, line
            assert MARK not in line, line
