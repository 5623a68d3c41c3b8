"""How often each page asks the database: as often for fifty rows as for one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perisai.desk.cases import domain as cases
from perisai.desk.commitments import domain as commitments
from perisai.desk.improvements import domain as improvements
from perisai.desk.listing import domain as listing
from perisai.desk.outbox import services as outbox
from perisai.desk.permissions import Role
from perisai.desk.summons import domain as summons
from tests.desk.conftest import COMMISSIONER, INTAKE, OFFICER, REVIEWER
from tests.desk.test_first_journey import LETTER, SAMPLE

MOST = {
    "/": 24, "/complaints": 5, "/queue": 7, "/figures": 9, "/search?q=kasus": 5,
    "/complaints?q=aduan": 5,    "/cases?q=kasus": 6, "/queue.csv": 13, "/complaints.csv": 13,
    "/cases": 6, "/cases.csv": 13, "/letters": 5,
    "/letters.csv": 13, "/commitments": 5, "/commitments.csv": 13, "/improvements": 5,
    "/improvements.csv": 13, "/platforms": 3, "/platforms.csv": 12,
    "/platform?name=Contoh+Pesan": 16,
    "/platform.csv?name=Contoh+Pesan": 16, "/cases/K-2026-0001": 18, "/cases/K-2026-0001/links": 16,
    "/cases/K-2026-0001/links.csv": 15, "/complaints/new": 2,
    "/list": 5, "/list.csv": 13, "/outbox": 4, "/outbox.csv": 13,
    "/cases/new": 3, "COMPLAINT": 24,
}  # fmt: skip
"""Two of them are the session and the account. Nine are the look that is written down, which
at a case or a complaint happens once an hour; one asks whether who looks is a party."""


CLOSED = {
    ("/complaints/new", Role.COMMISSIONER), ("/outbox", Role.INTAKE), ("/outbox.csv", Role.INTAKE),
    ("/list", Role.INTAKE), ("/list.csv", Role.INTAKE),
}  # fmt: skip


def fill(house, clock, count: int) -> str:
    complaint = ""
    for number in range(count):
        told = {"what": f"aduan {number}", "app": "WhatsApp", "link": "https://x.example"}
        complaint = complaint or house.receive(told, reporter="x").id
        house.receive(told)
        joined = house.receive({**told, "link": ""}).id
        key = house.open_case(
            INTAKE, title=f"kasus {number}", platform="Contoh Pesan", words=["x"],
            promised=clock() + timedelta(days=9), complaint=joined,
        ).id  # fmt: skip
        house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
        house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
        house.change_case(key, OFFICER, lambda c: summons.draft(c, OFFICER, LETTER))
        house.change_case(
            key, REVIEWER, lambda c: listing.propose(c, REVIEWER, SAMPLE["sha256"], "explicit", "x")
        )
        due = clock() + timedelta(days=9)
        house.change_case(
            key, OFFICER,
            lambda c: commitments.make(
                c, OFFICER, clock(), who="x", what="y", due=due,  # noqa: B023
                verify={"kind": "check", "text": "z"},
            ),
        )  # fmt: skip
        house.change_case(
            key, OFFICER,
            lambda c: improvements.ask(
                c, OFFICER, clock(), agency="x", what="y", due=due,  # noqa: B023
                verify={"kind": "check", "text": "z"},
            ),
        )  # fmt: skip
        if number % 2:
            house.change_case(
                key, COMMISSIONER,
                lambda c: improvements.approve(c, COMMISSIONER, clock(), "i-1"),
            )  # fmt: skip
            house.change_case(
                key, COMMISSIONER,
                lambda c: summons.approve(c, COMMISSIONER, "s-1", f"n/{number}"),  # noqa: B023
            )  # fmt: skip
        outbox.put(
            house, OFFICER, channel="email", receiver="x", address="x@y.example", subject="x",
            kind="letter", about={"case": key, "item": "s-1"},
        )  # fmt: skip
    for number in range(count):
        text = f"catatan {number}"
        house.change_case(
            "K-2026-0001", INTAKE, lambda c: cases.note(c, INTAKE, text, "internal")  # noqa: B023
        )  # fmt: skip
        house.answer(complaint, INTAKE, text)
    return complaint


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.COMMISSIONER, Role.INTAKE])
def test_queries(desk, clock, staff, count, role):
    complaint = fill(desk.house, clock, count)
    person = staff(role)
    person.get("/account")  # notes that the session is in use: once in five minutes
    for path, most in MOST.items():
        address = path.replace("COMPLAINT", f"/complaints/{complaint}")
        if (path, role) in CLOSED:
            continue
        with CaptureQueriesContext(connection) as asked:
            page = person.get(address)
        assert page.status_code == 200, path
        told = [each["sql"][:150] for each in asked]
        assert len(asked) <= most, (path, len(asked), told)
