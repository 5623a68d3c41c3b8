"""A case about several platforms: each has its letters and its record, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.actors import Actor
from perisai.desk.cases import domain as cases
from perisai.desk.cases import platforms, services
from perisai.desk.cases.models import PlatformRow, SummonsRow
from perisai.desk.commitments import domain as commitments
from perisai.desk.figures import counting
from perisai.desk.permissions import Role
from perisai.desk.summons import domain as summons
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER
from tests.desk.test_first_journey import LETTER, SAMPLE

pytestmark = pytest.mark.on_both
SOON = NOW + timedelta(days=2)
ONE, OTHER = "Contoh Pesan", "Obrolan Ceria"


def liaison(platform: str):
    return Actor("farah", Role.PLATFORM, platform)


@pytest.fixture
def case(house) -> str:
    key = house.open_case(
        INTAKE, title="GIF", platform=ONE, words=["x"], promised=NOW + timedelta(days=9)
    ).id
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
    return key


def widen(house, case: str, platform: str = OTHER, who=OFFICER):
    return house.change_case(case, who, lambda c: platforms.widen(c, who, platform))


def test_another_platform_is_added_once(house, case):
    assert widen(house, case, f"  {OTHER} ").platforms == (ONE, OTHER)
    assert widen(house, case, OTHER.upper()).platforms == (ONE, OTHER)
    with pytest.raises(NotYet, match="Name"):
        widen(house, case, " ")
    with pytest.raises(NotAllowed):
        widen(house, case, "x", REVIEWER)
    rows = PlatformRow.objects.using(house.alias).order_by("row")
    assert list(rows.values_list("case", "platform")) == [(case, ONE), (case, OTHER)]
    figure = counting.platforms(house, house_cases(house))
    assert {row[0]: row[2:] for row in figure.rows} == {ONE: ("1", "1"), OTHER: ("1", "1")}
    for number in range(platforms.MOST - 2):
        widen(house, case, f"p{number}")
    with pytest.raises(NotYet, match="at most"):
        widen(house, case, "one more")
    assert house.rebuild(write=False) == []


def house_cases(house):
    from perisai.desk.cases.models import CaseRow

    return CaseRow.objects.using(house.alias)


def test_each_sees_the_letters_to_itself(house, case):
    with pytest.raises(NotYet, match="not about that platform"):
        house.change_case(
            case, OFFICER, lambda c: summons.draft(c, OFFICER, {**LETTER, "platform": OTHER})
        )
    widen(house, case)
    for platform in ("", OTHER):
        house.change_case(
            case, OFFICER,
            lambda c: summons.draft(c, OFFICER, {**LETTER, "platform": platform}),  # noqa: B023
        )  # fmt: skip
    for number, key in enumerate(("s-1", "s-2")):
        house.change_case(
            case, COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, key, f"{number}/X")  # noqa: B023
        )  # fmt: skip
        house.change_case(
            case, OFFICER,
            lambda c: summons.send(c, OFFICER, key, NOW, how="x", door="", reply_by=SOON),  # noqa: B023
        )  # fmt: skip
    known = house.case(case)
    seen = {
        name: [each.id for each in summons.letters_for(known, liaison(name))]
        for name in (ONE, OTHER)
    }
    assert seen == {ONE: ["s-1"], OTHER: ["s-2"]}
    for who, key in ((ONE, "s-2"), (OTHER, "s-1"), ("Stiker Kita", "s-1")):
        with pytest.raises(NotAllowed, match="somebody else"):
            summons.reply(known, liaison(who), key, "x")
    rows = SummonsRow.objects.using(house.alias).order_by("summons")
    assert list(rows.values_list("platform", flat=True)) == [ONE, OTHER]
    assert house.rebuild(write=False) == []


def test_a_promise_is_that_of_who_promised(house, case):
    widen(house, case)
    due = NOW + timedelta(days=9)
    for who in (OTHER.lower(), "PT Contoh"):
        house.change_case(
            case, OFFICER,
            lambda c: commitments.make(
                c, OFFICER, NOW, who=who, what="y", due=due, verify={"kind": "check", "text": "z"},  # noqa: B023
            ),
        )  # fmt: skip
    from perisai.desk.cases.models import CommitmentRow

    rows = CommitmentRow.objects.using(house.alias).order_by("commitment")
    assert list(rows.values_list("platform", flat=True)) == [OTHER, ONE]


def test_what_is_merged_brings_its_platform_along(house, case):
    other = house.open_case(
        INTAKE, title="GIF", platform=OTHER, words=["x"], promised=NOW + timedelta(days=9)
    ).id
    assert services.merge(house, OFFICER, case, other, "the same").platforms == (ONE, OTHER)
    with pytest.raises(NotYet, match="went into"):
        widen(house, other, "x")
    assert house.rebuild(write=False) == []
