"""Whoever had a referral is told, once, that two people have undone the seal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from perisai import settings as settings_package
from perisai.desk.complaints import domain as complaints
from perisai.desk.outbox import contents, delivering
from perisai.desk.outbox import services as outbox
from perisai.desk.outbox.channels import open_channels
from perisai.desk.outbox.models import MessageRow
from perisai.desk.referrals import services as referrals
from perisai.desk.referrals.models import ReferralRow
from perisai.desk.seals import services
from perisai.desk.web.running import use
from perisai.errors import NotYet
from tests.desk.conftest import COMMISSIONER, INTAKE, REVIEWER
from tests.desk.outbox.receivers import SECRET_ENV, machine, with_police
from tests.desk.seals.test_seals import case, kinds, right, screened, told, undone
from tests.desk.web import stories

LINK = "https://rahasia-tautan.example/1"
WORDS = "rahasia-kata"
KIND = "referral-withdrawn"


@pytest.fixture
def by_machine(tmp_path):
    """Settings with a machine that takes referrals."""
    return with_police(tmp_path, "https://polisi.example")


@pytest.fixture
def by_hand(tmp_path):
    return settings_package.load(None, env={}, home=tmp_path / "other")


def corrections(house) -> list:
    rows = MessageRow.objects.using(house.alias).filter(kind=KIND).order_by("id")
    return [outbox.message(house, row.id) for row in rows]


def sent(house, settings, key: str, sha256: str = "") -> str:
    referrals.send(house, settings, REVIEWER, key, sha256)
    known = house.case(key).referrals[sha256] if sha256 else house.complaint(key).referral
    return known.message


def written_again(house, key: str) -> None:
    more = house.people.seal(house.complaint(key).person, "lagi")
    house.change_complaint(key, INTAKE, lambda c: complaints.follow(c, more))


@pytest.mark.on_both
def test_the_same_receiver_is_told_once(house, by_machine):
    key = told(house, link=LINK, words=WORDS)
    inside = case(house, key)
    sha256 = screened(house, inside, key)
    house.seal(key, INTAKE)
    first = sent(house, by_machine, key)
    assert not corrections(house)
    undone(house, key)
    (message,) = corrections(house)
    assert (message.channel, message.address) == ("webhook", "polisi")
    assert message.payload == {"name": key, "withdraws": [first]}
    assert message.about == {"item": key, "case": inside}
    document = json.loads(outbox.secret(house, message))
    assert document["withdraws"] == [first]
    assert document["withdrawn"] == ["dicabut oleh dua orang", "withdrawn by two people"]
    assert (document["complaint"], document["told"]) == (key, {"link": LINK})
    assert [each["sha256"] for each in document["files"]] == [sha256]
    stream = [fact for fact in house.log.all() if WORDS in str(fact.data) or LINK in str(fact.data)]
    assert not stream, "nothing of it in clear"
    (fact,) = [f for f in house.log.stream(f"complaint:{key}") if f.kind == "referral.withdrawn"]
    assert fact.data == {"receiver": "polisi", "message": message.id}
    (fact,) = [f for f in house.log.stream(f"case:{inside}") if f.kind == "referral.withdrawn"]
    assert fact.data["complaint"] == key
    with pytest.raises(NotYet):
        services.lift(house, COMMISSIONER, key)
    assert len(corrections(house)) == 1
    row = ReferralRow.objects.using(house.alias).get(id=key)
    assert row.withdrawal == message.id
    right(house)


@pytest.mark.on_both
def test_what_opens_along_with_it_is_told_of_by_itself(house, by_machine):
    before, late = told(house, link=LINK), told(house, link=LINK)
    house.seal(before, INTAKE)
    sent(house, by_machine, late)
    undone(house, before)
    (message,) = corrections(house)
    assert message.about["item"] == late, "the other one was never referred"
    assert kinds(house, f"complaint:{before}").count("referral.withdrawn") == 0
    right(house)


@pytest.mark.on_both
def test_each_receiver_of_a_referral_that_was_sent_again_is_told_once(house, by_machine, by_hand):
    key = told(house, link=LINK)
    house.seal(key, INTAKE)
    first = [sent(house, by_machine, key)]
    for settings in (by_machine, by_hand):
        written_again(house, key)
        first.append(sent(house, settings, key))
    undone(house, key)
    found = sorted(corrections(house), key=lambda each: each.channel)
    assert [each.channel for each in found] == ["hand", "webhook"]
    assert all(each.payload["withdraws"] == first for each in found)
    assert "messages" not in json.loads(outbox.secret(house, found[1]))
    assert kinds(house, f"complaint:{key}").count("referral.withdrawn") == 2
    right(house)


def test_nobody_is_told_of_what_nobody_was_told_of(house, by_machine):
    key = told(house, link=LINK)
    house.seal(key, INTAKE)
    undone(house, key)
    assert not corrections(house)
    house.seal(key, INTAKE)
    sent(house, by_machine, key)
    undone(house, key)
    house.seal(key, INTAKE)
    undone(house, key)
    assert len(corrections(house)) == 1, "the last seal was not referred"
    sealed = told(house, link="https://lain.example")
    house.seal(sealed, INTAKE)
    sent(house, by_machine, sealed)
    services.question(house, REVIEWER, sealed, "x")
    services.keep(house, COMMISSIONER, sealed, "y")
    assert len(corrections(house)) == 1, "it stays sealed"
    right(house)


@pytest.mark.on_both
def test_of_a_sample_that_came_alone(house, by_hand):
    key = case(house)
    sha256 = screened(house, key)
    house.seal_sample(key, sha256, REVIEWER)
    with pytest.raises(NotYet):
        referrals.document(house, REVIEWER, key, sha256)
    first = sent(house, by_hand, key, sha256)
    undone(house, key, sha256)
    (message,) = corrections(house)
    assert (message.channel, message.secret) == ("hand", None)
    document = json.loads(referrals.document(house, REVIEWER, key, sha256))
    assert (document["withdraws"], document["case"]) == ([first], key)
    assert document["files"][0]["sha256"] == sha256
    assert kinds(house, f"case:{key}")[-2:] == ["referral.withdrawn", "referral.opened"]
    house.seal_sample(key, sha256, REVIEWER)
    with pytest.raises(NotYet, match="Send the referral first"):
        referrals.document(house, REVIEWER, key, sha256)
    right(house)


def test_it_arrives_and_says_so_on_the_pages(
    desk, intake, reviewer, officer, commissioner, tmp_path, monkeypatch, clock
):
    monkeypatch.setenv(SECRET_ENV, "rahasia-bersama")
    with machine() as police:
        settings = with_police(tmp_path, police.url)
        use(replace(desk, settings=settings))
        complaint = stories.entered(intake, link=LINK, words=WORDS)
        key = stories.opened(intake, complaint)
        path = f"/complaints/{complaint}"
        intake.send(path, "/seal")
        reviewer.send("/referrals", f"{complaint}/send")
        clock.on(minutes=5)
        reviewer.send(path, "/seal/question", reason="keliru ditekan")
        commissioner.send(path, "/seal/undo")
        assert "belum diketahui apakah penerima tahu" in reviewer.text("/referrals")
        channels = open_channels(settings, desk.house.clock)
        deliverer = delivering.Deliverer(settings, desk.house, channels, lambda: 0.5)
        assert deliverer.once() == {"acknowledged": 2}
    (_, _), (_, body) = police.got
    said = json.loads(body)
    assert (said["kind"], said["about"]["item"]) == (KIND, complaint)
    assert "dicabut oleh dua orang" in said["text"]
    assert "withdrawn by two people" in said["text"]
    assert json.loads(said["data"]["document"])["told"] == {"link": LINK}
    assert "Ibu Ani" not in body.decode()
    assert WORDS not in body.decode()
    assert "penerima tahu" in reviewer.text("/referrals")
    assert f"segel {complaint} dibuka oleh dua orang" in officer.text(f"/cases/{key}")
    page = reviewer.text(path)
    assert "Rujukannya dicabut" in page
    assert "polisi" in page
    assert "Rujukannya dicabut" not in intake.text(path), "only for those who see referrals"
    page = reviewer.send("/referrals", f"{complaint}/document")
    assert json.loads(page.content)["told"] == {"link": LINK}
    assert "pencabutan rujukan" in officer.text("/outbox?standing=acknowledged")
    assert desk.house.rebuild(write=False) == []


def test_the_kind_is_made_of_what_was_put():
    assert KIND in contents.MAKERS
