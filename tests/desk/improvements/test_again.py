"""A request whose letter came back is sent anew: with its reason and another link."""

from __future__ import annotations

import re

import pytest

from perisai.desk.improvements import domain
from perisai.desk.outbox import domain as outbox_domain
from perisai.desk.outbox import services as outbox
from perisai.desk.outbox.models import MessageRow
from perisai.desk.permissions import Role
from perisai.errors import NotAllowed, NotYet
from tests.desk.conftest import OFFICER, REVIEWER
from tests.desk.improvements.links import answer, known, outside, sent

WHY = "kembali: alamat pindah"


def again(officer, case, **more):
    said = {"reason": WHY, "how": "kurir lain", **more}
    page = officer.send(f"/cases/{case}", "/i-1/send-again", **said)
    assert page.status_code == 201, page.content.decode()
    return re.search(r"http://[^/]+(/jawab/[\w-]+)", page.content.decode())[1]


def messages(desk) -> list:
    return [outbox.message(desk.house, row.id) for row in MessageRow.objects.order_by("put")]


def test_it_is_sent_anew_with_another_link(desk, case, link, officer, clock):
    clock.on(days=2)
    new = again(officer, case, email="baru@kementerian.example")
    assert new != link
    with outside(desk) as visitor:
        assert visitor.get(link).status == 404, "who found the old letter answers nothing"
        assert answer(visitor, new).status == 302
        assert visitor.get(link).status == 404
    assert known(desk, case).answers[0].by == "ministry:link"
    first, second = messages(desk)
    assert (first.standing, first.red, first.how) == ("replaced", False, "")
    assert (second.channel, second.address) == ("email", "baru@kementerian.example")
    assert (second.standing, second.how) == ("acknowledged", "link")
    facts = [each for each in desk.house.log.stream(f"case:{case}") if "sent" in each.kind]
    assert [each.kind for each in facts] == ["improvement.sent", "improvement.resent"]
    assert facts[1].data["reason"] == WHY
    assert new.rpartition("/")[2] not in str(facts[1].data)
    page = officer.text(f"/cases/{case}")
    assert "mengirim ulang permintaan perbaikan i-1 (kurir lain)" in page
    assert WHY in page
    assert "digantikan" in officer.text("/outbox?standing=replaced")
    assert desk.house.rebuild(write=False) == []


def test_only_once_it_was_sent_and_while_nobody_has_it(
    desk,
    case,
    officer,
    commissioner,
    staff,
):
    commissioner.send(f"/cases/{case}", "/i-1/agree")
    path = f"/cases/{case}/improvements/i-1/send-again"
    said = {"reason": WHY, "how": "kurir"}

    def tried(**more):
        return officer.post(path, seen=desk.house.case(case).position, **said, **more).status_code

    assert "/i-1/send-again" not in officer.get(f"/cases/{case}").content.decode()
    assert tried() == 422, "it was not sent at all"
    sent(officer, case)
    assert officer.post(path, seen=0, **said).status_code == 409
    assert officer.send(f"/cases/{case}", "/i-1/send-again", how="x", reason=" ").status_code == 422
    assert staff(Role.MINISTRY).post(path, seen=1, **said).status_code == 403
    assert staff(Role.REVIEWER).post(path, seen=1, **said).status_code == 403
    again(officer, case)
    newest = MessageRow.objects.exclude(standing="replaced").get()
    officer.send("/outbox", f"{newest.id}/record", how="tanda terima")
    assert "/i-1/send-again" not in officer.get(f"/cases/{case}").content.decode()
    assert tried() == 422, "they have it"
    assert len(messages(desk)) == 2
    assert desk.house.rebuild(write=False) == []


def test_not_after_an_answer_and_not_for_a_party(desk, case, link, officer):
    with outside(desk) as visitor:
        answer(visitor, link)
    stands = desk.house.case(case)
    with pytest.raises(NotYet, match="answered"):
        domain.send_again(stands, OFFICER, "i-1", how="x", door="0" * 64, reason="y")
    with pytest.raises(NotAllowed):
        domain.send_again(stands, REVIEWER, "i-1", how="x", door="0" * 64, reason="y")


def test_what_was_replaced_is_never_tried_delivered_or_received(
    desk, case, officer, commissioner, clock
):
    commissioner.send(f"/cases/{case}", "/i-1/agree")
    sent(officer, case, email="salah@kementerian.example")
    (message,) = messages(desk)
    assert outbox.secret(desk.house, message)
    trying = outbox.change(
        desk.house, message.id, OFFICER, lambda m: outbox_domain.begin(m, clock())
    )
    assert trying.trying
    page = officer.send(f"/cases/{case}", "/i-1/send-again", reason=WHY, how="x")
    assert page.status_code == 422, "somebody is at it at this moment"
    clock.on(minutes=4)
    again(officer, case)
    first, _ = messages(desk)
    assert (first.standing, first.due) == ("replaced", None)
    assert outbox.secret(desk.house, first) == ""
    for decide in (
        lambda m: outbox_domain.begin(m, clock(), urged=True),
        lambda m: outbox_domain.delivered(m, "email"),
        lambda m: outbox_domain.failed(m, clock(), "x", 0.5),
        lambda m: outbox_domain.acknowledged(m, "link"),
        lambda m: outbox_domain.replaced(m, clock(), "o-1"),
    ):
        assert decide(first) == []
    assert officer.post(f"/outbox/{first.id}/urge").status_code == 422
    assert officer.post(f"/outbox/{first.id}/record", how="x").status_code == 422
    assert first.id not in officer.text("/outbox?standing=red")
    assert desk.house.rebuild(write=False) == []
