"""What strangers, forgers and careless spreadsheets might do to the desk."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from perisai.desk.complaints.domain import FIELDS
from perisai.desk.permissions import Role
from perisai.desk.web.middleware import HEADERS
from tests.desk.web import stories
from tests.desk.web.visiting import forms_on

FORMULA = '=HYPERLINK("http://x.invalid","klik")'


def test_no_cell_of_a_spreadsheet_computes(desk, intake, officer, commissioner, reviewer):
    complaint = stories.entered(intake, what=FORMULA, app="@SUM(1)", words="", link="")
    case = stories.opened(intake, complaint, title="\t=1+1", platform="-2+3")
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    stories.invited(officer, commissioner, case)
    told = {"party": "+1", "what": "%0A=1", "due": "2026-12-01", "verify": "x"}
    officer.send(f"/cases/{case}", "/commitments", **told)
    for name in ("complaints", "cases", "letters", "commitments"):
        page = officer.get(f"/{name}.csv")
        assert page["Content-Type"] == "text/csv; charset=utf-8"
        assert page["Content-Disposition"] == f'attachment; filename="{name}.csv"'
        rows = list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))
        assert len(rows) == 2
        assert len(rows[0]) == len(rows[1])
        for cell in rows[1]:
            assert not cell.strip().startswith(("=", "+", "-", "@", "%", "|")), cell
    assert f"'{FORMULA}" in officer.get("/complaints.csv").content.decode().replace('""', '"')


def test_headers_on_every_answer(desk, staff):
    administrator, nobody = staff(Role.ADMINISTRATOR), Client(SERVER_NAME="127.0.0.1")
    answers = [
        nobody.get("/sign-in"), nobody.get("/"), nobody.get("/nothing"), nobody.post("/language"),
        administrator.get("/people"), administrator.get("/cases"),
        administrator.client.options("/"),
        Client(SERVER_NAME="evil.invalid").get("/sign-in"),
    ]  # fmt: skip
    assert [each.status_code for each in answers] == [200, 302, 404, 302, 200, 403, 405, 400]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer[name] == value
        assert answer["Cache-Control"] == "no-store" or answer["Cache-Control"].startswith(
            "max-age=0"
        )
        assert "unsafe" not in answer["Content-Security-Policy"]
        body = answer.content.decode()
        assert "style=" not in body
        assert "<style" not in body
        assert "onclick" not in body


def test_files_are_named_by_their_content_and_nothing_else_is_served(desk):
    from perisai.desk.web.views.files import address

    nobody = Client(SERVER_NAME="127.0.0.1")
    found = nobody.get(address("desk.css"))
    assert found.status_code == 200
    assert found["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in (
        "/static/x/desk.css", "/static/../../configuring.py", "/static/x/..%2f..%2fconfiguring.py",
        address("desk.css").replace("desk.css", "%2e%2e/configuring.py"), "/static/",
        "/static/x/desk.css%00",
    ):  # fmt: skip
        assert nobody.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "path",
    [
        "/cases/K-2026-0001%0d%0aSet-Cookie:x=1", "/cases/../audit", "/cases/K-2026-0001'--",
        "/complaints/a-0000000000000000", "/cases/K-2026-9999",
        "/cases/K-2026-0001/letters/s-1/id.exe",
        "/cases/K-2026-0001/letters/../id.pdf", "/complaints/..%2f..%2fetc", "/cases/%ed%a0%bd%00",
        "/platform?name=nobody", "/platform", "/cases/K-2026-0001/clocks/x;y/pause",
    ],
)  # fmt: skip
def test_addresses_that_lead_nowhere(desk, officer, path):
    page = officer.get(path)
    assert page.status_code == 404
    assert "Set-Cookie" not in page.headers
    assert "Traceback" not in page.content.decode()


def test_nothing_is_done_without_a_token_of_this_session(desk, intake, officer):
    case = stories.opened(intake)
    told = {"text": "x", "audience": "internal"}
    assert officer.client.post(f"/cases/{case}/notes", told).status_code == 403
    stolen = intake._token()
    page = officer.client.post(f"/cases/{case}/notes", {**told, "csrfmiddlewaretoken": stolen})
    assert page.status_code == 403
    assert "kedaluwarsa" in page.content.decode()
    assert not desk.house.case(case).notes
    good = officer.send(f"/cases/{case}", "/notes", **told)
    assert good.status_code == 302
    token = officer._token()
    elsewhere = officer.client.post(
        f"/cases/{case}/notes", {**told, "csrfmiddlewaretoken": token},
        HTTP_ORIGIN="https://evil.invalid",
    )  # fmt: skip
    assert elsewhere.status_code == 403


def test_what_no_form_asks_for_does_not_count(desk, intake, reviewer, officer):
    """Mass assignment: more fields than a form has change nothing."""
    extra = {
        "id": "K-1999-0001", "status": "published", "claim": "confirmed", "opened_by": "x",
        "by": "commissioner:x", "approved_by": "x", "number": "1", "sealed": "1", "position": "9",
        "role": "administrator", "platform_of": "x", "person": "x", "locator": "000000",
    }  # fmt: skip
    complaint = stories.entered(intake, **extra)
    fact = desk.house.log.stream(f"complaint:{complaint}")[0]
    assert set(fact.data) == {
        "told",
        "text",
        "source",
        "person",
        "reporter",
        "locator",
        "link",
        "proof",
    }
    assert set(desk.house.complaint(complaint).told) <= set(FIELDS)
    assert fact.by == "intake:intake"
    case = stories.opened(intake, complaint, **extra)
    assert desk.house.case(case).claim == "open"
    stories.screened(reviewer, case, rule="allowed", decisions="allow", sha256="0" * 64)
    assert desk.house.case(case).samples[0].rule == "looks-explicit"
    stories.confirmed(reviewer, case)
    officer.send(f"/cases/{case}", "/letters", **stories.LETTER, **extra)
    letter = desk.house.case(case).summons["s-1"]
    assert letter.standing == "draft"
    assert not set(letter.letter) & set(extra)


@pytest.mark.parametrize("source", ["public", "gateway", "own'; drop", ""])
def test_choices_that_are_not_offered_are_refused(desk, intake, source):
    page = intake.send("/complaints/new", "/complaints/new", **{**stories.TOLD, "source": source})
    assert page.status_code == 422
    assert "kucing lucu" in page.content.decode(), "what was typed is kept"


def test_what_is_wrong_with_a_field_that_nobody_sees_is_told(intake):
    wrong = {"title": "x", "platform": "P", "promised": "2099-01-01", "complaint": "a-x"}
    page = intake.send("/cases/new", "/cases/new", **wrong)
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize(
    "back", ["https://evil.invalid/", "//evil.invalid", "/\\evil.invalid", "javascript:x"]
)
def test_nobody_is_led_elsewhere(desk, intake, back):
    page = intake.post("/language", to="en", back=back)
    assert page["Location"] == "/"
    nobody = Client(SERVER_NAME="127.0.0.1")
    fields = forms_on(nobody.get(f"/sign-in?next={back}"))
    assert fields[-1].fields.get("next", "") in ("", back)


def test_words_of_others_do_not_break_lines_of_headers(desk, intake):
    page = intake.post("/language", to="en\r\nSet-Cookie: x=1", back="/\r\nX-Evil: 1")
    assert "X-Evil" not in page.headers
    assert "x" not in page.cookies


def test_a_fault_says_nothing_of_itself(desk, intake, monkeypatch):
    from perisai.desk.web.views import home

    def broken(request):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(home, "_clocks", broken)
    intake.client.raise_request_exception = False
    page = intake.get("/")
    assert page.status_code == 500
    body = page.content.decode()
    assert "secret detail" not in body
    assert "Traceback" not in body
    assert "Ada yang rusak di sini" in body


def test_a_database_that_is_gone_is_told(desk, intake, monkeypatch):
    from django.db import OperationalError

    from perisai.storage.facts.log import FactLog

    def gone(self, *more, **named):
        raise OperationalError("disk I/O error at /home/secret")

    monkeypatch.setattr(FactLog, "append", gone)
    page = intake.send("/complaints/new", "/complaints/new", **stories.TOLD)
    assert page.status_code == 503
    body = page.content.decode()
    assert "Tidak ada yang setengah tercatat" in body
    assert "secret" not in body
    monkeypatch.undo()
    assert desk.house.log.end()[0] == 0
    assert desk.house.rebuild(write=False) == []
