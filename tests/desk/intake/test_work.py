"""The proof of work: what comes without one is taken all the same, and waits behind the others."""

from __future__ import annotations

import base64
import json
import time

import altcha
import pytest

from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.public import drafts, work
from perisai.desk.public.drafts import Draft
from perisai.desk.triage.models import QueueRow


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(work, "COST", 20)


def puzzle(page) -> str:
    """The puzzle that stands on a page."""
    (found,) = [told for tag, told in page.tags if told.get("id") == "work"]
    assert found["data-worker"].endswith("/work.js")
    return found["data-challenge"]


def solved(text: str) -> str:
    challenge = altcha.Challenge.from_dict(json.loads(text))
    solution = altcha.solve_challenge(challenge)
    return altcha.Payload(challenge, solution).to_base64()


def sent(visitor, house, how=lambda page: "", **said: str):
    """A complaint, with what ``how`` makes of the puzzle of its first page."""
    visitor.get("/aduan")
    visitor.send(words="kucing", work=how(visitor.page))
    visitor.send(kind="naked", age="6-9", what=said.get("what", "terlihat jelas"))
    visitor.send()
    page = visitor.send(go="send")
    assert page.status == 200, page.text
    return house.find(Receipt(page.code))


def test_with_a_proof_it_waits_with_the_others(visitor, house):
    complaint = sent(visitor, house, lambda page: solved(puzzle(page)))
    assert not complaint.unproven
    assert "unproven" not in QueueRow.objects.using(house.alias).get().reasons


def test_without_one_it_is_taken_and_waits_behind_them(visitor, house):
    complaint = sent(visitor, house)
    assert complaint.unproven
    first = sent(visitor, house, lambda page: solved(puzzle(page)), what="yang lain")
    rows = {row.complaint: row for row in QueueRow.objects.using(house.alias).all()}
    assert rows[complaint.id].weight < rows[first.id].weight
    assert rows[complaint.id].urgency < rows[first.id].urgency
    assert house.rebuild(write=False) == []


def test_signs_of_danger_are_never_put_behind(visitor, house):
    complaint = sent(visitor, house, what="aku mau bunuh diri")
    row = QueueRow.objects.using(house.alias).get(complaint=complaint.id)
    assert "danger" in row.reasons
    assert "unproven" not in row.reasons


def changed(payload: str, change) -> str:
    told = json.loads(base64.b64decode(payload))
    change(told)
    return base64.b64encode(json.dumps(told).encode()).decode()


TAMPERED = {
    "cheaper": lambda told: told["challenge"]["parameters"].update(cost=1),
    "dearer": lambda told: told["challenge"]["parameters"].update(cost=10**9),
    "prefix": lambda told: told["challenge"]["parameters"].update(keyPrefix=""),
    "later": lambda told: told["challenge"]["parameters"].update(expiresAt=2**40),
    "counter": lambda told: told["solution"].update(counter=told["solution"]["counter"] + 1),
    "counter of text": lambda told: told["solution"].update(counter="1"),
    "unsigned": lambda told: told["challenge"].update(signature=None),
    "list": lambda told: told.update(challenge=[1]),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_is_no_proof(visitor, how):
    draft = Draft()
    good = solved(work.challenge(draft))
    assert work.proven(good, draft)
    begun = time.process_time()
    assert not work.proven(changed(good, TAMPERED[how]), draft)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("text", ["", "x", "AAAA", "{}", "e30=", "W10=", "bnVsbA==", "A" * 5000])
def test_what_is_no_proof_is_none(visitor, text):
    assert not work.proven(text, Draft())


def test_a_solution_is_good_for_its_own_form_only(visitor, house):
    kept = []

    def keep(page) -> str:
        kept.append(solved(puzzle(page)))
        return kept[0]

    assert not sent(visitor, house, keep).unproven
    assert sent(visitor, house, lambda page: kept[0]).unproven, "replayed"
    assert ComplaintRow.objects.using(house.alias).count() == 2


def test_an_expired_one_is_no_proof(visitor, monkeypatch):
    draft = Draft()
    text = solved(work.challenge(draft))
    then = time.time() + drafts.LASTS_SECONDS + 60
    monkeypatch.setattr(time, "time", lambda: then)
    assert not work.proven(text, draft)


def test_help_stands_before_the_puzzle_and_no_puzzle_before_help(visitor):
    assert "data-challenge" not in visitor.get("/").html
    html = visitor.get("/aduan").html
    assert html.index("tel:129") < html.index("data-challenge")
    assert "data-challenge" not in visitor.get("/kode").html
    assert "data-challenge" in visitor.get("/banding").html


def test_those_without_have_a_limit_of_their_own_for_all_together(limited, house):
    visitor = limited(complaints_per_hour_unproven=1)
    sent(visitor, house)
    visitor.get("/aduan")
    visitor.send(words="lagi")
    visitor.send(what="kata-kata yang tidak boleh hilang")
    visitor.send()
    page = visitor.send(go="send")
    assert page.status == 429
    assert "kata-kata yang tidak boleh hilang" in page.text, "nothing is lost"
    assert "tel:129" in page.html
    assert not sent(visitor, house, lambda page: solved(puzzle(page))).unproven


def test_a_flood_does_not_keep_out_who_says_that_a_child_is_shown(limited, house):
    visitor = limited(complaints_per_hour_unproven=1)
    sent(visitor, house)
    assert visitor.report(what="itu aku", child="yes").status == 200
