"""What leaves the house, over real receivers: a mail server, and a machine that takes HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from perisai import settings as settings_package
from perisai.desk.outbox import domain, services
from perisai.desk.outbox.channels import open_channels
from perisai.desk.outbox.delivering import Deliverer
from perisai.desk.outbox.models import MessageRow
from perisai.desk.summons import domain as summons
from perisai.errors import NotAllowed, NotYet, SettingsError
from tests.desk.conftest import AUDITOR, OFFICER, REVIEWER
from tests.desk.outbox import letters
from tests.desk.outbox.receivers import Mailbox, free_port, machine, mail_server

if TYPE_CHECKING:
    from perisai.desk.outbox.state import Message

SECRET = "rahasia-bersama"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def deliverer(house, tmp_path, port, monkeypatch):
    """``deliverer(police=URL)``: delivers by mail, and to machines under these names."""
    monkeypatch.setenv("OUTBOX_SECRET", SECRET)

    def made(**machines: str) -> Deliverer:
        file = tmp_path / "perisai.toml"
        tables = "".join(
            f'[receivers.{name}]\nurl = "{url}"\nsecret_env = "OUTBOX_SECRET"\nprivate = true\n'
            for name, url in machines.items()
        )
        mail = f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        file.write_text(mail + tables)
        chosen = settings_package.load(file, env={})
        return Deliverer(chosen, house, open_channels(chosen, house.clock), lambda: 0.5)

    return made


def only(house) -> Message:
    (row,) = MessageRow.objects.using(house.alias).all()
    return services.message(house, row.id)


def kinds(house, message: Message) -> list[str]:
    return [fact.kind for fact in house.log.stream(f"outbox:{message.id}")]


def notice(house, receiver: str, **more: object) -> Message:
    told = {"subject": "Rujukan", "kind": "referral", "address": receiver} | more
    return services.put(house, OFFICER, channel="webhook", receiver=receiver, **told)


def test_a_letter_goes_by_mail_and_is_red_until_its_receiver_says_so(house, deliverer, port):
    key = letters.ready(house)
    token = letters.sent(house, key)
    message = only(house)
    assert (message.standing, message.red, message.channel) == ("waiting", True, "email")
    with mail_server(port) as box:
        assert deliverer().once() == {"delivered": 1}
        assert deliverer().once() == {}, "it is not sent twice"
    (mail,) = box.mails
    assert box.numbers == [message.id]
    assert mail["Idempotency-Key"] == message.id
    assert (mail["To"], mail["From"]) == (letters.EMAIL, "sekretariat@komisi.invalid")
    assert "001/KPA" in mail["Subject"]
    body = mail.get_body(("plain",)).get_content()
    assert body.count(f"https://aduan.example/jawab/{token}") == 2
    files = {each.get_filename(): each.get_content() for each in mail.iter_attachments()}
    assert files[f"{key}-s-1-id.pdf"].startswith(b"%PDF")
    assert files[f"{key}-s-1-en.pdf"].startswith(b"%PDF")
    assert "BEGIN:VCALENDAR" in str(files["undangan.ics"])
    message = only(house)
    assert (message.standing, message.red) == ("delivered", True)
    # The receiver presses the button behind the link.
    house.change_case(key, OFFICER, lambda c: summons.acknowledge(c, "s-1", "link"))
    message = only(house)
    assert (message.standing, message.red, message.how) == ("acknowledged", False, "link")
    assert kinds(house, message) == [
        "outbox.put", "outbox.tried", "outbox.delivered", "outbox.acknowledged",
    ]  # fmt: skip
    assert services.secret(house, message) == "", "the link cannot be read any more"
    assert house.rebuild(write=False) == []
    assert house.log.verify() is None


def test_the_link_is_in_no_fact(house):
    key = letters.ready(house)
    token = letters.sent(house, key)
    facts = json.dumps([dict(fact.data) for fact in house.log.all()])
    assert token not in facts
    assert services.secret(house, only(house)).endswith(token)


def test_a_dead_mail_server_holds_nothing_up(house, clock, deliverer, port):
    key = letters.ready(house)
    letters.sent(house, key)
    assert house.case(key).summons["s-1"].sent, "the letter has left at once"
    assert deliverer().once() == {"failed": 1}
    message = only(house)
    assert (message.standing, message.attempts) == ("failed", 1)
    assert message.why == "The mail server cannot be reached."
    assert message.due - clock() == timedelta(minutes=1)
    with mail_server(port) as box:
        assert deliverer().once() == {}, "not before its time"
        clock.on(minutes=1)
        assert deliverer().once() == {"delivered": 1}
    assert box.numbers == [message.id]
    assert house.rebuild(write=False) == []


def test_pauses_double_up_to_a_quarter_of_a_day_and_are_spread():
    told = [domain.pause(n, 0.5).total_seconds() / 60 for n in (1, 2, 3, 4, 9, 10, 500)]
    assert told == [1, 2, 4, 8, 256, 360, 360]
    assert domain.pause(1, 0.0) == timedelta(seconds=30)
    assert domain.pause(1, 1.0) == timedelta(seconds=90)


def test_a_refused_address_is_told_without_the_address(house, deliverer, port, caplog):
    letters.sent(house, letters.ready(house))
    box = Mailbox(refuse="550 no such person kontak@contoh-pesan.example")
    with caplog.at_level(logging.DEBUG), mail_server(port, box):
        assert deliverer().once() == {"failed": 1}
    assert only(house).why == "The mail server refuses this address (550)."
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("perisai")]
    assert ours
    assert not any("@contoh" in each or "jawab" in each for each in ours)


def test_a_machine_acknowledges_by_repeating_the_number(house, deliverer):
    with machine() as police:
        told = {"about": {"complaint": "a-1"}, "payload": {"text": "Rujukan"}}
        message = notice(house, "police", **told, secret='{"url": "x"}')
        assert deliverer(police=police.url).once() == {"acknowledged": 1}
    ((headers, body),) = police.got
    assert headers["Idempotency-Key"] == message.id
    said = json.loads(body)
    assert (said["id"], said["kind"], said["about"]) == (
        message.id, "referral", {"complaint": "a-1"},
    )  # fmt: skip
    assert said["data"] == {"text": "Rujukan", "document": '{"url": "x"}'}
    at, _, proof = headers["X-Perisai-Signature"].removeprefix("t=").partition(",v1=")
    wanted = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(proof, wanted)
    assert services.secret(house, services.message(house, message.id)) == ""


@pytest.mark.parametrize(
    ("status", "echo", "standing", "why"),
    [
        (200, False, "delivered", ""),
        (202, True, "delivered", ""),
        (500, True, "failed", "The receiver answers with status 500."),
        (302, True, "failed", "The receiver answers with status 302."),
    ],
)
def test_other_answers_acknowledge_nothing(house, deliverer, status, echo, standing, why):
    with machine() as police:
        police.status, police.echo = status, echo
        message = notice(house, "police")
        deliverer(police=police.url).once()
    known = services.message(house, message.id)
    assert (known.standing, known.red, known.why) == (standing, True, why)


def test_a_dead_receiver_holds_up_nobody_else(house, deliverer):
    with machine() as slow, machine() as quick:
        slow.slow = threading.Event()
        notice(house, "slow")
        notice(house, "dead")
        notice(house, "dead")
        for _ in range(3):
            notice(house, "quick")
        made = deliverer(slow=slow.url, quick=quick.url, dead=f"http://127.0.0.1:{free_port()}/")
        counts: dict[str, int] = {}

        def once() -> None:
            counts.update(made.once())
            connections[house.alias].close()

        running = threading.Thread(target=once)
        running.start()
        for _ in range(500):
            if len(quick.got) == 3:
                break
            running.join(0.01)
        assert len(quick.got) == 3
        assert running.is_alive(), "the slow one is still being waited for"
        slow.slow.set()
        running.join()
    assert counts == {"acknowledged": 4, "failed": 1}, "the second one of the dead waits"
    again = MessageRow.objects.using(house.alias).exclude(standing="acknowledged")
    assert sorted(again.values_list("standing", flat=True)) == ["failed", "waiting"]


def test_two_deliverers_do_not_send_the_same(house, clock, deliverer):
    with machine() as police:
        message = notice(house, "police")
        services.change(house, message.id, OFFICER, lambda m: domain.begin(m, clock()))
        assert deliverer(police=police.url).once() == {}, "somebody is at it"
        clock.on(minutes=3)
        assert deliverer(police=police.url).once() == {"acknowledged": 1}, "and has died"
    assert len(police.got) == 1


def test_by_hand_until_an_officer_knows(house):
    key = letters.ready(house, email="")
    letters.sent(house, key)
    message = only(house)
    assert (message.standing, message.due, message.secret) == ("hand", None, None)
    with pytest.raises(NotYet, match="carried by hand"):
        services.urge(house, message.id, OFFICER)
    with pytest.raises(NotYet, match="Write down how"):
        services.record(house, message.id, OFFICER, " ")
    for actor in (AUDITOR, REVIEWER):
        with pytest.raises(NotAllowed):
            services.record(house, message.id, actor, "kurir")
    services.record(house, message.id, OFFICER, "kurir, tanda terima Ibu Sari")
    assert only(house).how == "kurir, tanda terima Ibu Sari"
    assert house.case(key).summons["s-1"].acknowledged, "the case knows, too"
    with pytest.raises(NotYet, match="has it already"):
        services.urge(house, message.id, OFFICER)
    assert kinds(house, message).count("outbox.acknowledged") == 1


def test_sent_once_more_under_the_same_number(house, deliverer, port):
    letters.sent(house, letters.ready(house))
    message = only(house)
    with mail_server(port) as box:
        deliverer().once()
        services.urge(house, message.id, OFFICER)
        assert deliverer().once() == {"delivered": 1}
    assert box.numbers == [message.id, message.id]


def test_a_party_to_the_case_does_nothing_here(house):
    from perisai.desk.cases import domain as cases

    key = letters.ready(house)
    letters.sent(house, key)
    house.change_case(key, OFFICER, lambda c: cases.name_conflict(c, OFFICER, OFFICER.name))
    for do in (services.urge, lambda *given: services.record(*given, "kurir")):
        with pytest.raises(NotAllowed, match="party"):
            do(house, only(house).id, OFFICER)


def test_nothing_is_written_if_the_letter_may_not_leave(house):
    key = letters.ready(house)
    letters.sent(house, key)
    with pytest.raises(NotYet, match="sent already"):
        letters.sent(house, key)
    assert MessageRow.objects.using(house.alias).count() == 1


def test_a_broken_message_does_not_stop_the_others(house, deliverer):
    with machine() as police:
        services.put(
            house, OFFICER, channel="webhook", receiver="police", address="police", subject="x",
            kind="letter", about={"case": "K-2026-0001", "item": "s-9"},
        )  # fmt: skip
        notice(house, "police")
        assert deliverer(police=police.url).once() == {"acknowledged": 1}
    row = MessageRow.objects.using(house.alias).get(standing="failed")
    assert row.why.startswith("The message could not be made")


def test_what_is_no_line_becomes_one(house):
    made = services.put(
        house, OFFICER, channel="hand", receiver="x\r\nBcc: all@example.org", subject="a\nb",
        kind="letter",
    )  # fmt: skip
    assert (made.receiver, made.subject) == ("x Bcc: all@example.org", "a b")


def test_no_line_of_a_mail_is_made_by_what_somebody_wrote(house, deliverer, port):
    evil = "1\r\nBcc: semua@x.example\r\n\r\n<b>"
    key = letters.ready(house, number=evil, recipient=f"Contoh {evil}", agenda=evil)
    letters.sent(house, key)
    with mail_server(port) as box:
        assert deliverer().once() == {"delivered": 1}
    (mail,) = box.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "1 Bcc: semua@x.example <b>"
    assert mail["To"] == letters.EMAIL
    invitation = next(p for p in mail.iter_attachments() if p.get_filename() == "undangan.ics")
    assert "\nBcc:" not in str(invitation.get_content()).replace("\r\n", "\n")


def test_a_secret_that_is_not_there_is_told_at_the_start(tmp_path, clock):
    file = tmp_path / "perisai.toml"
    file.write_text('[receivers.police]\nurl = "https://x.example/"\nsecret_env = "NOT_SET_1"\n')
    chosen = settings_package.load(file, env={})
    with pytest.raises(SettingsError, match=r"perisai.toml:3: receivers.police.secret_env: .*NOT"):
        open_channels(chosen, clock)
