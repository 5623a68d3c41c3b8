"""The same link joins by itself, what is likely the same is proposed, and all can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.cases import domain as cases
from perisai.desk.triage import duplicates, likeness, locks
from perisai.desk.triage.models import QueueRow
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import AUDITOR, COMMISSIONER, INTAKE, OFFICER, REVIEWER
from tests.desk.test_first_journey import SAMPLE

LINK = "https://gif.example/view?id=7"
SPAN = timedelta(minutes=15)


def told(house, **said):
    house.clock.on(seconds=1)
    return house.receive({"what": "GIF", **said}).id


def leads(house):
    return dict(
        QueueRow.objects.using(house.alias).filter(leads=True).values_list("complaint", "number")
    )


def case(house, complaint=None):
    return house.open_case(
        INTAKE, title="x", platform="y", words=[], promised=house.clock() + SPAN,
        complaint=complaint,
    ).id  # fmt: skip


def right(house):
    assert house.rebuild(write=False) == []
    assert house.log.verify() is None


def test_the_same_link_is_one_entry_of_the_queue(house, clock):
    first = told(house, link=LINK, age="15")
    clock.on(hours=1)
    others = [told(house, link=f"{LINK}&utm_source={n}#x", age="6-9") for n in range(2)]
    apart = told(house, link=LINK.replace("7", "8"))
    assert leads(house) == {first: 3, apart: 1}
    row = QueueRow.objects.using(house.alias).get(complaint=first)
    assert row.because.split() == ["age-small", "number-3"], "the gravest of them counts"
    fact = house.log.stream(f"complaint:{others[0]}")[-1]
    assert (fact.kind, fact.data) == ("complaint.grouped", {"with": first, "why": "link"})
    right(house)


def test_who_leads_is_gone_and_the_others_still_wait(house, clock):
    from perisai.desk.actors import PUBLIC
    from perisai.desk.complaints import domain

    first = told(house, link=LINK)
    clock.on(hours=1)
    second = told(house, link=LINK)
    house.change_complaint(first, PUBLIC, domain.withdraw)
    assert leads(house) == {second: 1}
    right(house)


def test_parting_is_remembered(house):
    first, second = told(house, link=LINK), told(house, link=LINK)
    for wrong in (AUDITOR,):
        with pytest.raises(NotAllowed):
            duplicates.part(house, wrong, second)
    duplicates.part(house, INTAKE, second)
    assert leads(house) == {first: 1, second: 1}
    assert duplicates.settle(house) == 0
    known = house.complaint(second)
    assert known.triage.apart == {first}
    duplicates.part(house, INTAKE, second)
    assert house.complaint(second).position == known.position, "twice is nothing new"
    right(house)


def test_what_is_joined_goes_into_the_case_together(house):
    first, second = told(house, link=LINK), told(house, link=LINK)
    key = case(house, first)
    assert set(house.case(key).complaints) == {first, second}
    late = told(house, link=LINK)
    assert leads(house) == {late: 1}
    assert duplicates.settle(house) == 1
    assert house.complaint(late).case == key
    assert house.log.stream(f"complaint:{late}")[-1].by == "public:perisai"
    duplicates.part(house, OFFICER, late)
    assert house.complaint(late).case == ""
    assert late not in house.case(key).complaints
    assert leads(house) == {late: 1}
    assert duplicates.settle(house) == 0
    right(house)


def test_parting_leaves_a_case_that_somebody_chose(house):
    first, second = told(house, link=LINK), told(house, link=LINK)
    key = case(house, second)
    assert set(house.case(key).complaints) == {first, second}
    duplicates.part(house, OFFICER, second)
    assert house.complaint(second).case == key
    right(house)


def test_what_a_colleague_works_on_follows_when_they_are_done(house, clock):
    first, second = told(house, link=LINK), told(house, link=LINK)
    locks.take(house, REVIEWER, second, SPAN)
    key = case(house, first)
    assert house.complaint(second).case == ""
    clock.on(minutes=20)
    locks.lapse(house)
    assert duplicates.settle(house) == 1
    assert house.complaint(second).case == key
    right(house)


def test_a_public_result_takes_nothing_more(house):
    from perisai.desk.results import domain as results

    key = case(house, told(house, link=LINK))
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "unclear", "x"))
    texts = {"id": "x", "en": "x"}
    house.change_case(key, OFFICER, lambda c: results.draft(c, OFFICER, texts))
    house.change_case(key, COMMISSIONER, lambda c: results.approve(c, COMMISSIONER))
    house.change_case(key, OFFICER, lambda c: results.publish(c, OFFICER))
    late = told(house, link=LINK)
    assert duplicates.settle(house) == 0
    assert leads(house) == {late: 1}


def test_sealing_one_seals_the_same_link_now_and_later(house):
    first, second = told(house, link=LINK), told(house, link=LINK)
    inside = told(house, link=LINK)
    key = case(house)
    duplicates.part(house, OFFICER, inside)
    house.join(key, inside, OFFICER)
    sample = {**SAMPLE, "complaint": inside}
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, sample))
    house.seal(second, REVIEWER)
    for each in (first, second, inside, told(house, link=LINK)):
        assert house.complaint(each).sealed, each
    assert house.case(key).samples[0].sealed
    assert leads(house) == {}
    rows = QueueRow.objects.using(house.alias)
    assert {(r.summary, r.app, r.place, r.band, r.reasons) for r in rows.all()} == {("",) * 5}
    right(house)


def test_what_strangers_say_seals_their_own_complaint_alone(house):
    first = told(house, link=LINK)
    house.receive({"link": LINK}, child=True)
    later = told(house, link=LINK)
    assert leads(house) == {first: 2}
    assert house.complaint(later).sealed is None
    right(house)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"link": "https://gif.example/v?id=1"}, {"link": "https://gif.example/v?id=2"}, "place"),
        ({"words": "kucing  Lucu"}, {"words": "Kucing lucu"}, "topic"),
        ({"what": "Anak saya melihat gambar telanjang di GIF kucing"},
         {"what": "anak saya lihat gambar telanjang di gif kucing!!"}, "words"),
    ],
)  # fmt: skip
def test_what_is_likely_the_same_is_proposed(house, one, other, why):
    first, second = (house.receive({"app": "WhatsApp", **said}).id for said in (one, other))
    house.receive({"app": "WhatsApp", "what": "cuaca besok cerah berawan di Jakarta"})
    (found,) = likeness.proposals(house, second, house.complaint(second).triage)
    assert (found.row.complaint, found.why) == (first, why)
    assert leads(house)[second] == 1, "a machine decides nothing"


def test_accepted_and_rejected(house):
    said = {"app": "WhatsApp", "words": "kucing lucu"}
    keys = [told(house, **said) for _ in range(3)]
    duplicates.accept(house, INTAKE, keys[1], keys[0])
    duplicates.reject(house, INTAKE, keys[2], keys[0])
    assert leads(house) == {keys[0]: 2, keys[2]: 1}
    for key in keys:
        known = house.complaint(key)
        assert likeness.proposals(house, key, known.triage) == [], "nothing is proposed again"
    with pytest.raises(NotAllowed):
        duplicates.accept(house, AUDITOR, keys[2], keys[0])
    locks.take(house, REVIEWER, keys[0], SPAN)
    with pytest.raises(NotYet, match="reviewer is working"):
        duplicates.accept(house, INTAKE, keys[2], keys[0])
    right(house)


def test_whole_entries_are_joined_and_no_ring_comes_of_it(house, clock):
    a = told(house, link=LINK)
    clock.on(hours=1)
    b = told(house, link=LINK)
    c, d = told(house, link="https://x.example/1"), told(house, link="https://x.example/1")
    duplicates.accept(house, INTAKE, c, b)
    assert leads(house) == {a: 4}
    duplicates.accept(house, INTAKE, a, d)
    duplicates.accept(house, INTAKE, a, a)
    assert leads(house) == {a: 4}
    right(house)


@pytest.mark.parametrize(
    "text", ["", "\0" * 50, "\ud800" * 50, "a" * 200, "🦊" * 100, "%_" * 99], ids=range(6)
)
def test_hostile_words_are_compared_and_never_raise(text):
    assert likeness.alike(text, [text, "x", ""]) == []


def reported(house, **said):
    house.clock.on(seconds=1)
    return house.receive({"what": "dari gerbang", **said}, source="gateway").id


def test_the_same_item_or_file_that_machines_report(house):
    first = reported(house, item="i1", sha256="a" * 64, wish="hide")
    reported(house, item="i1", sha256="b" * 64, wish="hide")
    third = reported(house, item="i2", sha256="a" * 64, wish="hide")
    shown = reported(house, item="i1", sha256="a" * 64, wish="show")
    assert leads(house)[first] == 3
    assert house.complaint(third).triage.why == "hash"
    assert house.complaint(shown).triage.entry == "", "who wants the contrary is another matter"
    again = reported(house, item="i2", sha256="a" * 64, wish="hide")
    assert house.complaint(again).triage.entry == first
    house.seal(first, REVIEWER)
    assert house.complaint(again).sealed is None, "another item"
    assert house.complaint(reported(house, item="i1", wish="hide")).sealed
    right(house)


def test_a_party_to_the_case_joins_and_parts_nothing(house):
    first, second = told(house, link=LINK), told(house, link=LINK)
    key = case(house, first)
    apart = told(house, what="lain sama sekali")
    house.change_case(key, OFFICER, lambda c: cases.name_conflict(c, OFFICER, "intake"))
    for act in (
        lambda: duplicates.part(house, INTAKE, second),
        lambda: duplicates.accept(house, INTAKE, apart, first),
        lambda: duplicates.reject(house, INTAKE, apart, first),
    ):
        with pytest.raises(NotAllowed, match="party to this case"):
            act()
    assert house.complaint(second).case == key
