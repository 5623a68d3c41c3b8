"""What who complained writes afterwards: nobody at the desk can overlook it, sealed or not."""

from __future__ import annotations

import json

from perisai.desk.actors import PUBLIC
from perisai.desk.complaints import domain
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.triage.models import QueueRow
from perisai.desk.triage.urgency import tells_of_danger
from tests.desk.web import stories
from tests.desk.web.visiting import forms_on, text_of

WAITS = "Pesan pelapor yang menunggu"
DANGER = "Dia mengancam saya, tolong."


def wrote(desk, complaint: str, text: str) -> None:
    """Who complained writes, as on the page of the receipt."""
    house = desk.house
    house.change_complaint(
        complaint,
        PUBLIC,
        lambda c: domain.follow(c, house.people.seal(c.person, text), danger=tells_of_danger(text)),
    )


def test_a_message_waits_until_it_is_answered(desk, intake, officer, reviewer, clock):
    complaint = stories.entered(intake)
    stories.opened(intake, complaint)
    assert WAITS not in intake.text("/")
    wrote(desk, complaint, "Masih ada.")
    clock.on(hours=1)
    for person in (intake, officer):
        assert f"{WAITS} 1" in person.text("/")
        assert complaint in person.get("/complaints?state=unanswered").content.decode()
    assert WAITS not in reviewer.text("/"), "who may not read messages is not sent to them"
    assert "Masih ada." not in intake.text("/")
    intake.send(f"/complaints/{complaint}", "/answer", text="Terima kasih.")
    assert WAITS not in intake.text("/")
    wrote(desk, complaint, "Sama-sama.")
    assert f"{WAITS} 1" in intake.text("/")
    assert desk.house.rebuild(write=False) == []


def test_what_needs_no_answer_is_put_away_by_a_fact(desk, intake):
    complaint = stories.entered(intake)
    wrote(desk, complaint, "Terima kasih.")
    page = intake.send(f"/complaints/{complaint}", "/heard")
    assert page.status_code == 302
    assert WAITS not in intake.text("/")
    (*_, fact) = desk.house.log.stream(f"complaint:{complaint}")
    assert (fact.kind, fact.by) == ("complaint.heard", "intake:intake")
    assert intake.post(f"/complaints/{complaint}/heard").status_code == 422, "nothing waits"
    assert desk.house.rebuild(write=False) == []


def test_what_came_meanwhile_is_not_put_away_unread(desk, intake):
    complaint = stories.entered(intake)
    wrote(desk, complaint, "Satu.")
    page = intake.get(f"/complaints/{complaint}")
    sent = {f.action.rpartition("/")[2]: f.fields for f in forms_on(page)}
    wrote(desk, complaint, "Dua.")
    for act, more in (("answer", {"text": "Baik."}), ("heard", {})):
        page = intake.client.post(f"/complaints/{complaint}/{act}", {**sent[act], **more})
        assert page.status_code == 409
        assert "Dua." in text_of(page), "it is there to be read"
    assert f"{WAITS} 1" in intake.text("/")


def test_who_takes_a_complaint_back_was_still_heard(desk, intake):
    complaint = stories.entered(intake)
    wrote(desk, complaint, "Tolong.")
    desk.house.change_complaint(complaint, PUBLIC, domain.withdraw)
    assert f"{WAITS} 1" in intake.text("/")
    assert intake.send(f"/complaints/{complaint}", "/heard").status_code == 302
    assert WAITS not in intake.text("/")


def test_danger_in_a_message_moves_the_complaint_to_the_front(desk, intake):
    other = stories.entered(intake, link="https://lain.example", age="5")
    complaint = stories.entered(intake, age="dewasa", what="gambar")
    queue = intake.get("/queue").content.decode()
    assert queue.index(other) < queue.index(complaint)
    wrote(desk, complaint, DANGER)
    queue = intake.get("/queue").content.decode()
    assert queue.index(complaint) < queue.index(other)
    assert "mengancam" not in queue
    assert "Mendesak" in intake.text("/")
    assert "mengancam" not in str([f.data for f in desk.house.log.stream(f"complaint:{complaint}")])
    assert desk.house.rebuild(write=False) == []


def test_who_is_a_party_is_not_told(desk, intake, officer):
    complaint = stories.entered(intake)
    case = stories.opened(intake, complaint)
    officer.send(f"/cases/{case}", "/conflict", person=intake.name)
    wrote(desk, complaint, "Masih ada.")
    assert WAITS not in intake.text("/")
    assert f"{WAITS} 1" in officer.text("/")


def test_who_was_erased_has_nothing_that_waits(desk, intake, commissioner):
    complaint = stories.entered(intake)
    wrote(desk, complaint, f"Hapus data saya. {DANGER}")
    assert QueueRow.objects.get(complaint=complaint).reasons.split()[0] == "danger"
    commissioner.send(f"/complaints/{complaint}", "/erase", reason="diminta")
    assert WAITS not in intake.text("/")
    assert "danger" not in QueueRow.objects.get(complaint=complaint).reasons
    assert not ComplaintRow.objects.get(id=complaint).danger
    assert desk.house.rebuild(write=False) == []


def test_what_is_written_to_a_sealed_complaint_goes_with_its_referral(
    desk, intake, reviewer, commissioner, officer, clock
):
    complaint = stories.entered(intake)
    wrote(desk, complaint, "Dulu.")
    intake.send(f"/complaints/{complaint}", "/seal")
    assert WAITS not in intake.text("/"), "what is sealed is in the referral alone"
    wrote(desk, complaint, "Itu saya di gambar.")
    reviewer.send("/referrals", f"{complaint}/send")
    told = json.loads(reviewer.send("/referrals", f"{complaint}/document").content)
    assert [each["text"] for each in told["messages"]] == ["Dulu.", "Itu saya di gambar."]
    commissioner.send("/referrals", f"{complaint}/review", note="sudah tepat")
    assert "menulis lagi" not in reviewer.text("/")

    clock.on(hours=2)
    wrote(desk, complaint, DANGER)
    home = reviewer.text("/")
    assert "1 rujukan yang pelapornya menulis lagi" in home
    assert "Yang terlama menunggu sejak 6 Nov 2026, 12.00 WIB" in home
    assert "pelapor menulis lagi" in reviewer.text("/referrals")
    assert "pelapor menulis lagi" in commissioner.text("/referrals.csv")
    for person in (intake, officer, reviewer, commissioner):
        for path in ("/", "/referrals", "/queue", "/complaints", f"/complaints/{complaint}"):
            assert "mengancam" not in person.text(path)
    assert reviewer.send("/referrals", f"{complaint}/send").status_code == 302
    assert "pelapor menulis lagi: kirim" not in reviewer.text("/referrals")
    told = json.loads(reviewer.send("/referrals", f"{complaint}/document").content)
    assert told["messages"][-1]["text"] == DANGER
    assert reviewer.post(f"/referrals/{complaint}/send").status_code == 422
    page = commissioner.send("/referrals", f"{complaint}/review", note="juga")
    assert page.status_code == 302, "what was sent again is looked at again"
    assert desk.house.rebuild(write=False) == []
