"""A case with a letter that is ready to leave the house."""

from __future__ import annotations

from datetime import timedelta

from perisai.desk.cases import domain as cases
from perisai.desk.summons import domain, services
from tests.desk.conftest import COMMISSIONER, INTAKE, OFFICER, REVIEWER
from tests.desk.test_first_journey import LETTER, SAMPLE

EMAIL = "kontak@contoh-pesan.example"


def ready(house, **more: object) -> str:
    """Open a case and agree to a letter; return the case's number."""
    key = house.open_case(
        INTAKE, title="GIF", platform="Contoh Pesan", words=["x"],
        promised=house.clock() + timedelta(days=9),
    ).id  # fmt: skip
    number = more.pop("number", f"{key[-3:]}/KPA/XI/2026")
    letter = {**LETTER, "email": EMAIL, **more}
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
    house.change_case(key, OFFICER, lambda c: domain.draft(c, OFFICER, letter))
    house.change_case(key, COMMISSIONER, lambda c: domain.approve(c, COMMISSIONER, "s-1", number))
    return key


def sent(house, key: str) -> str:
    """Send the letter; return the token of its link."""
    due = house.clock() + timedelta(days=3)
    return services.send(
        house, OFFICER, key, "s-1", how="surel", reply_by=due,
        link=lambda token: f"https://aduan.example/jawab/{token}",
    )  # fmt: skip
