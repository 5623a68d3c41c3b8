"""Who puts a sample on the list that others block by: two people, and never what is sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.cases import domain as cases
from perisai.desk.listing import domain
from perisai.desk.listing.models import ListingRow
from perisai.desk.listing.state import AGREED, CLAIM, FREED, PROPOSED, REFUSED, WITHDRAWN
from perisai.desk.permissions import Role
from perisai.desk.withholding import domain as withholding
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import COMMISSIONER, INTAKE, OFFICER, REVIEWER, actor
from tests.desk.test_first_journey import SAMPLE

SHA = SAMPLE["sha256"]
LASTS = timedelta(hours=24)
CLEAN = {"gateway": True, "generation": 7, "compared": 3, "unread": 0, "hits": 0, "items": []}
SECOND = actor(Role.REVIEWER, "penelaah.dua")


@pytest.fixture
def case(house, clock) -> str:
    """A confirmed case with a sample."""
    key = house.open_case(
        INTAKE, title="x", platform="y", words=["z"], promised=clock() + timedelta(days=9)
    ).id
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
    return key


def proposed(house, key, by=REVIEWER):
    return house.change_case(key, by, lambda c: domain.propose(c, by, SHA, "explicit", "jelas"))


def checked(house, key, **found):
    number = house.case(key).listings[SHA].number
    return house.change_case(
        key, REVIEWER, lambda c: domain.checked(c, SHA, number, {**CLEAN, **found})
    )


def agreed(house, clock, key, by=SECOND, **more):
    given = {"generation": 7, "lasts": LASTS, "saw_gap": False, **more}
    return house.change_case(key, by, lambda c: domain.agree(c, by, clock(), SHA, **given))


def standing(house, key) -> str:
    return house.case(key).listings[SHA].standing


@pytest.mark.on_both
def test_two_people_and_a_dry_run(house, clock, case):
    proposed(house, case)
    with pytest.raises(NotYet, match="already"):
        proposed(house, case, SECOND)
    with pytest.raises(NotYet, match="dry run"):
        agreed(house, clock, case)
    checked(house, case)
    with pytest.raises(NotAllowed, match="Two people"):
        agreed(house, clock, case, REVIEWER)
    assert ListingRow.objects.using(house.alias).get().standing == PROPOSED
    agreed(house, clock, case)
    row = ListingRow.objects.using(house.alias).get()
    assert (row.standing, row.agreed_by, row.compared) == (AGREED, SECOND.by, 3)
    with pytest.raises(NotYet, match="second person"):
        agreed(house, clock, case, COMMISSIONER)
    gone = house.change_case(
        case, REVIEWER, lambda c: domain.withdraw(c, REVIEWER, SHA, " keliru ")
    )
    assert (gone.listings[SHA].standing, gone.listings[SHA].ended) == (WITHDRAWN, "keliru")
    with pytest.raises(NotYet, match="not on the list"):
        domain.withdraw(gone, REVIEWER, SHA, "lagi")
    assert not proposed(house, case).listings[SHA].check, "each proposal has a dry run of its own"
    assert house.rebuild(write=False) == []
    ListingRow.objects.using(house.alias).all().delete()
    assert house.rebuild(write=True) != []
    assert house.rebuild(write=False) == []


def test_an_old_or_overtaken_dry_run_does_not_count(house, clock, case):
    proposed(house, case)
    checked(house, case)
    for now, generation in ((clock() + LASTS + timedelta(seconds=1), 7), (clock(), 8),
                            (clock(), None)):  # fmt: skip
        known = house.case(case).listings[SHA]
        assert domain.outdated(known, now, generation, LASTS)
    with pytest.raises(NotYet, match="too old"):
        agreed(house, clock, case, generation=8)
    clock.on(hours=24)
    agreed(house, clock, case)


def test_what_would_be_hit_or_was_not_compared(house, clock, case):
    proposed(house, case)
    checked(house, case, hits=1, items=[{"item": "a"}])
    with pytest.raises(NotYet, match="Allowed items would be blocked"):
        agreed(house, clock, case, saw_gap=True)
    for gap in ({"compared": 0}, {"unread": 1}):
        checked(house, case, **gap)
        with pytest.raises(NotYet, match="say that you have seen"):
            agreed(house, clock, case)
    agreed(house, clock, case, saw_gap=True)
    assert house.log.stream(f"case:{case}")[-1].data["gap"] is True


def test_a_dry_run_of_another_proposal_says_nothing(house, case):
    first = proposed(house, case).listings[SHA].number
    refused = house.change_case(case, SECOND, lambda c: domain.refuse(c, SECOND, SHA, "tidak"))
    assert refused.listings[SHA].standing == REFUSED
    assert domain.checked(refused, SHA, first, CLEAN) == [], "it waits no more"
    again = proposed(house, case)
    assert domain.checked(again, SHA, first, CLEAN) == []


def test_who_may_and_what(house, clock, case):
    known = house.case(case)
    for nobody in (INTAKE, OFFICER, COMMISSIONER):
        with pytest.raises(NotAllowed):
            domain.propose(known, nobody, SHA, "explicit", "x")
    for category in ("abuse", "listed", "lucu", ""):
        with pytest.raises(NotYet, match="what the sample shows"):
            domain.propose(known, REVIEWER, SHA, category, "x")
    with pytest.raises(NotYet, match="reason"):
        domain.propose(known, REVIEWER, SHA, "explicit", " ")
    with pytest.raises(NotYet, match="no such sample"):
        domain.propose(known, REVIEWER, "0" * 64, "explicit", "x")
    proposed(house, case)
    checked(house, case)
    house.change_case(case, OFFICER, lambda c: cases.name_conflict(c, OFFICER, SECOND.name))
    with pytest.raises(NotAllowed, match="party"):
        agreed(house, clock, case)
    for nobody in (INTAKE, OFFICER):
        with pytest.raises(NotAllowed):
            agreed(house, clock, case, nobody)
    agreed(house, clock, case, COMMISSIONER)


def test_only_of_a_confirmed_case_and_off_once_it_is_none(house, clock, case):
    proposed(house, case)
    checked(house, case)
    agreed(house, clock, case)
    after = house.change_case(case, REVIEWER, lambda c: cases.decide(c, REVIEWER, "unclear", "x"))
    assert (after.listings[SHA].standing, after.listings[SHA].why) == (WITHDRAWN, CLAIM)
    with pytest.raises(NotYet, match="confirmed case"):
        proposed(house, case)
    assert house.rebuild(write=False) == []


def test_what_our_own_gateway_shows_others_are_not_told_to_block(house, clock, case):
    proposed(house, case)
    checked(house, case)
    free = house.change_case(
        case, REVIEWER, lambda c: withholding.decide(c, REVIEWER, SHA, "freed", "x")
    )
    assert (free.listings[SHA].standing, free.listings[SHA].why) == (WITHDRAWN, FREED)
    with pytest.raises(NotYet, match="own gateway"):
        proposed(house, case)


@pytest.mark.on_both
def test_what_is_sealed_is_off_at_once_in_every_case(house, clock, case):
    other = house.open_case(
        INTAKE, title="x", platform="y", words=["z"], promised=clock() + timedelta(days=9)
    ).id
    house.change_case(other, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    house.change_case(other, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
    for key in (case, other):
        proposed(house, key)
        checked(house, key)
        agreed(house, clock, key)
    house.seal_sample(case, SHA, REVIEWER)
    assert not ListingRow.objects.using(house.alias).exists()
    assert not house.case(case).listings
    assert not house.case(other).listings
    with pytest.raises(NotAllowed, match="sealed"):
        proposed(house, case)
    assert house.rebuild(write=False) == []


def test_a_seal_that_is_undone_does_not_put_it_back(house, clock, case):
    from perisai.desk.seals import services as seals

    proposed(house, case)
    checked(house, case)
    agreed(house, clock, case)
    house.seal_sample(case, SHA, REVIEWER)
    seals.question(house, REVIEWER, case, "keliru ditekan", SHA)
    seals.lift(house, COMMISSIONER, case, SHA)
    assert not house.case(case).samples[0].sealed
    assert not house.case(case).listings, "somebody proposes it anew"
    assert proposed(house, case).listings[SHA].standing == PROPOSED
    assert house.rebuild(write=False) == []


def test_a_file_that_a_sealed_report_names_is_off_and_what_an_appeal_frees(house, clock, case):
    from perisai.desk.appeals import services as appeals

    def reported(wish: str) -> str:
        told = {"item": "a", "sha256": SHA, "what": "x", "wish": wish}
        return house.receive(told, source="gateway").id

    proposed(house, case)
    checked(house, case)
    agreed(house, clock, case)
    key = reported("show")
    known = appeals.propose(
        house, REVIEWER, key, "overturned", "x", seen=house.complaint(key).position
    )
    appeals.decide(house, COMMISSIONER, key, seen=known.position)
    after = house.case(case).listings[SHA]
    assert (after.standing, after.why) == (WITHDRAWN, FREED)
    proposed(house, case)
    house.seal(reported("hide"), REVIEWER)
    assert not house.case(case).listings
    assert house.case(case).samples[0].sealed, "it is the same file"
    assert house.rebuild(write=False) == []
