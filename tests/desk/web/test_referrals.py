"""What was sealed is sent by one person, and reviewed by another."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace

from perisai.desk.outbox.channels import open_channels
from perisai.desk.outbox.delivering import Deliverer
from perisai.desk.permissions import Role
from perisai.desk.web.running import use
from tests.desk.outbox.receivers import SECRET_ENV, machine, with_police
from tests.desk.web import stories

SECRET = "rahasia-bersama"
LINK = "https://rahasia-tautan.example/1"


def sealed(intake) -> str:
    complaint = stories.entered(intake, link=LINK)
    intake.send(f"/complaints/{complaint}", "/seal")
    return complaint


def test_sealed_sent_acknowledged_reviewed(desk, intake, reviewer, officer, commissioner):
    complaint = sealed(intake)
    assert "1 rujukan belum dikirim" in reviewer.text("/")
    assert "belum dikirim" in reviewer.text("/referrals")
    page = reviewer.post(f"/referrals/{complaint}/document")
    assert page.status_code == 422, "not before it is sent"
    assert reviewer.send("/referrals", f"{complaint}/send").status_code == 302
    assert reviewer.post(f"/referrals/{complaint}/send").status_code == 422
    assert "rujukan belum dikirim" not in reviewer.text("/")
    told = json.loads(reviewer.send("/referrals", f"{complaint}/document").content)
    assert told["told"]["link"] == LINK
    assert "Ibu Ani" not in json.dumps(told)
    facts = desk.house.log.stream(f"complaint:{complaint}")
    assert [each.kind for each in facts][-2:] == ["referral.sent", "referral.opened"]
    message = facts[-2].data["message"]
    assert "dikirim, belum diterima" in commissioner.text("/referrals")
    officer.send("/outbox", f"{message}/record", how="tanda terima")
    assert "diterima, belum diperiksa" in commissioner.text("/referrals.csv")
    page = commissioner.send("/referrals", f"{complaint}/review", note="sudah tepat")
    assert page.status_code == 302
    assert "diterima dan diperiksa" in reviewer.text("/referrals")
    assert desk.house.rebuild(write=False) == []


def test_the_words_are_on_no_page_and_in_no_fact(desk, intake, reviewer, staff):
    complaint = sealed(intake)
    reviewer.send("/referrals", f"{complaint}/send")
    for role in Role:
        for path in ("/", "/referrals", "/referrals.csv", "/outbox", "/outbox.csv", "/audit"):
            assert "rahasia-tautan" not in staff(role).get(path).content.decode()
    for stream in (f"complaint:{complaint}",):
        assert "rahasia-tautan" not in str([f.data for f in desk.house.log.stream(stream)])


def test_a_machine_gets_it_sealed(desk, intake, reviewer):
    chosen = desk.settings.desk.model_copy(update={"referral_machine": "polisi"})
    use(replace(desk, settings=desk.settings.model_copy(update={"desk": chosen})))
    complaint = sealed(intake)
    reviewer.send("/referrals", f"{complaint}/send")
    from perisai.desk.outbox import services
    from perisai.desk.outbox.models import MessageRow

    known = services.message(desk.house, MessageRow.objects.get(kind="referral").id)
    assert (known.channel, known.address) == ("webhook", "polisi")
    assert json.loads(services.secret(desk.house, known))["told"]["link"] == LINK
    (fact,) = desk.house.log.stream(f"outbox:{known.id}")
    assert "rahasia-tautan" not in str(fact.data)


def test_who_is_a_party_does_not_see_it(desk, intake, reviewer, officer):
    complaint = stories.entered(intake, link=LINK)
    case = stories.opened(intake, complaint)
    officer.send(f"/cases/{case}", "/conflict", person=reviewer.name)
    intake.send(f"/complaints/{complaint}", "/seal")
    assert complaint not in reviewer.text("/referrals")
    assert reviewer.post(f"/referrals/{complaint}/send").status_code == 403


def test_what_is_not_sealed_is_not_referred(desk, intake, reviewer):
    complaint = stories.entered(intake, link=LINK)
    page = reviewer.post(f"/referrals/{complaint}/send")
    assert page.status_code == 422
    assert "Tidak ada rujukan itu" in page.content.decode()


def test_it_arrives_at_the_machine_of_the_receiver(desk, intake, reviewer, tmp_path, monkeypatch):
    """Sealed by one person, sent by another, delivered over HTTP, acknowledged by the machine."""
    monkeypatch.setenv(SECRET_ENV, SECRET)
    with machine() as police:
        chosen = with_police(tmp_path, police.url)
        use(replace(desk, settings=chosen))
        complaint = sealed(intake)
        reviewer.send("/referrals", f"{complaint}/send")
        assert police.got == []
        assert "dikirim, belum diterima" in reviewer.text("/referrals")
        channels = open_channels(chosen, desk.house.clock)
        deliverer = Deliverer(chosen, desk.house, channels, lambda: 0.5)
        assert deliverer.once() == {"acknowledged": 1}
        assert deliverer.once() == {}
    ((headers, body),) = police.got
    at, _, proof = headers["X-Perisai-Signature"].removeprefix("t=").partition(",v1=")
    wanted = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(proof, wanted)
    said = json.loads(body)
    assert (said["kind"], said["about"]["item"]) == ("referral", complaint)
    document = json.loads(said["data"]["document"])
    assert document["told"]["link"] == LINK
    assert "Ibu Ani" not in body.decode()
    assert "diterima, belum diperiksa" in reviewer.text("/referrals")
    assert desk.house.rebuild(write=False) == []
