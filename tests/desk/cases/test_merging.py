"""Two cases become one, and complaints get a case of their own; nothing is lost on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.cases import domain as cases
from perisai.desk.cases import services
from perisai.desk.summons import domain as summons
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER, actor
from tests.desk.test_first_journey import LETTER, SAMPLE, TEXTS, send

TOLD = {"app": "WhatsApp", "words": "kucing", "what": "GIF yang tidak pantas"}
SOON = NOW + timedelta(days=4)


@pytest.fixture
def two(house):
    """Two cases about one thing, with a complaint each."""

    def made(title):
        complaint = house.receive({**TOLD, "words": title}).id
        more = {"words": [title], "promised": SOON, "complaint": complaint}
        return house.open_case(INTAKE, title=title, platform="p", **more)

    return [made("satu"), made("dua")]


def merge(house, two, actor=OFFICER, reason="one and the same"):
    return services.merge(house, actor, two[0].id, two[1].id, reason)


def test_complaints_come_along_and_the_promise_is_one(house, two):
    case = merge(house, two)
    assert case.complaints == two[0].complaints + two[1].complaints
    other = house.case(two[1].id)
    assert (other.status, other.merged_into) == ("merged", case.id)
    assert other.clocks["result"].met is not None
    assert case.absorbed == (other.id,)
    assert {house.complaint(each).case for each in case.complaints} == {case.id}
    assert house.log.verify() is None
    assert house.rebuild(write=False) == []


def test_nothing_new_begins_in_what_was_merged(house, two):
    house.change_case(two[1].id, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    merge(house, two)
    for who, what in (
        (OFFICER, lambda c: cases.note(c, OFFICER, "x", "internal")),
        (REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x")),
        (REVIEWER, lambda c: cases.screened(c, REVIEWER, {**SAMPLE, "sha256": "cd" * 32})),
        (OFFICER, lambda c: summons.draft(c, OFFICER, LETTER)),
        (INTAKE, lambda c: cases.join(c, INTAKE, "a-0")),
    ):
        with pytest.raises(NotYet, match=f"went into {two[0].id}"):
            house.change_case(two[1].id, who, what)
    for pair in (two, two[::-1]):
        with pytest.raises(NotYet, match="went into"):
            merge(house, pair)


def test_an_answer_to_an_earlier_letter_still_arrives(house, clock, two):
    key = two[1].id
    for who, step in (
        (REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE)),
        (REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x")),
        (OFFICER, lambda c: summons.draft(c, OFFICER, LETTER)),
        (COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, "s-1", "1")),
        (OFFICER, lambda c: send(c, clock, "d")),
    ):
        house.change_case(key, who, step)
    merge(house, two)
    clock.on(hours=1)
    case = house.change_case(key, OFFICER, lambda c: summons.answer(c, "s-1", "Removed.", "link"))
    assert case.summons["s-1"].answers
    assert case.clocks["reply:s-1"].standing(clock()) == "met"


def test_what_is_sealed_stays_sealed_and_a_party_stays_one(house, two):
    (gone,) = two[1].complaints
    house.seal(gone, INTAKE)
    house.change_case(two[1].id, OFFICER, lambda c: cases.name_conflict(c, OFFICER, "budi"))
    case = merge(house, two)
    assert house.complaint(gone).sealed
    assert house.complaint(gone).told is None
    assert case.conflicted == {"budi"}
    with pytest.raises(NotAllowed):
        cases.read(case, actor(OFFICER.role, "budi"))
    assert house.rebuild(write=False) == []


def test_who_may_not_and_what_cannot(house, two):
    with pytest.raises(NotAllowed):
        merge(house, two, INTAKE)
    with pytest.raises(NotYet, match="itself"):
        merge(house, [two[0], two[0]])
    with pytest.raises(NotYet, match="reason"):
        merge(house, two, reason=" ")
    with pytest.raises(NotYet, match="no case"):
        services.merge(house, OFFICER, two[0].id, "K-2026-0099", "x")
    house.change_case(two[1].id, COMMISSIONER,
                      lambda c: cases.name_conflict(c, COMMISSIONER, OFFICER.name))  # fmt: skip
    with pytest.raises(NotAllowed):
        merge(house, two)
    assert house.case(two[0].id).complaints == two[0].complaints


def test_complaints_get_a_case_of_their_own(house, two):
    case = merge(house, two)
    house.change_case(case.id, OFFICER, lambda c: cases.name_conflict(c, OFFICER, "budi"))
    (gone,) = two[1].complaints
    more = {"title": "lain", "reason": "another app", "promised": SOON}
    made = services.split(house, OFFICER, case.id, [gone], **more)
    assert (made.complaints, made.split_from, made.platform) == ((gone,), case.id, "p")
    assert made.conflicted == {"budi"}
    assert house.case(case.id).complaints == two[0].complaints
    assert house.complaint(gone).case == made.id
    assert house.rebuild(write=False) == []
    for wrong in ([gone], [], ["a-0"], [*two[0].complaints, gone]):
        with pytest.raises(NotYet, match="Choose complaints"):
            services.split(house, OFFICER, case.id, wrong, **more)
    assert house.log.stream("case:K-2026-0004") == ()


def test_a_public_result_is_not_merged_away(house, two):
    from perisai.desk.results import domain as results

    key = two[1].id
    for who, step in (
        (REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE)),
        (REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x")),
        (OFFICER, lambda c: results.draft(c, OFFICER, TEXTS)),
        (COMMISSIONER, lambda c: results.approve(c, COMMISSIONER)),
        (OFFICER, lambda c: results.publish(c, OFFICER)),
    ):
        house.change_case(key, who, step)
    with pytest.raises(NotYet, match="result is public"):
        merge(house, two)
