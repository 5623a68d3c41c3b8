"""The queue on its pages: order, filters, pages that go on, taking, and what is never in it."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from perisai.desk.permissions import Role
from perisai.desk.triage.models import QueueRow
from tests.desk.web import stories
from tests.desk.web.visiting import text_of

pytestmark = pytest.mark.on_both


def told(house, **said):
    return house.receive({"what": "GIF", **said}).id


def order(page) -> list[str]:
    found = re.findall(r'<th scope="row"><a href="/complaints/(a-[0-9a-f]+)', page.content.decode())
    return list(dict.fromkeys(found))


@pytest.fixture
def filled(desk, clock) -> dict[str, str]:
    house, made = desk.house, {}
    for name, said in {
        "old": {"app": "WhatsApp", "age": "adult"},
        "small": {"app": "WhatsApp", "age": "6-9", "kind": "naked"},
        "danger": {"app": "Telegram", "what": "saya diancam"},
        "teen": {"app": "Telegram", "age": "15", "kind": "drawn"},
    }.items():
        made[name] = told(house, **said)
        clock.on(days=1)
    return made


def test_the_most_urgent_first_then_the_oldest(filled, intake):
    page = intake.get("/queue")
    names = [next(n for n, key in filled.items() if key == each) for each in order(page)]
    assert names == ["danger", "small", "teen", "old"]
    said = text_of(page)
    assert "tanda anak dalam bahaya (+100)" in said
    assert "Mendesak 1" in said
    assert "tidak ada alasan khusus" in said


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("urgency=urgent", ["danger"]),
        ("band=6-9", ["small"]),
        ("band=unknown", ["danger"]),
        ("app=WhatsApp", ["small", "old"]),
        ("days=3", ["small", "old"]),
        ("sort=waiting", ["old", "small", "danger", "teen"]),
        ("number=2", []),
        ("held=mine", []),
        ("held=free&app=Telegram", ["danger", "teen"]),
        ("urgency=nonsense&days=x&number=-1&held=%00&sort=';--&after=~~~",
         ["danger", "small", "teen", "old"]),
    ],
)  # fmt: skip
def test_filters(filled, intake, asked, names):
    assert order(intake.get(f"/queue?{asked}")) == [filled[name] for name in names]
    rows = intake.get(f"/queue.csv?{asked}").content.decode().splitlines()[1:]
    assert len(rows) == len(names)
    for row, name in zip(rows, names, strict=True):
        assert filled[name] in row


def test_pages_go_on_after_a_row(desk, clock, intake):
    house = desk.house
    keys = [told(house, age="adult", app="a&b") for _ in range(60)]
    keys += [told(house, age="6-9") for _ in range(60)]
    seen, path = [], "/queue?held=free"
    while path:
        page = intake.get(path)
        seen += order(page)
        found = re.search(r'<a href="(\?[^"]*)" rel="next"', page.content.decode())
        path = f"/queue{found[1].replace('&amp;', '&')}" if found else ""
        clock.on(minutes=1)
        told(house, what="sementara itu", age="adult")  # what comes meanwhile moves nothing
    assert sorted(seen[:120]) == sorted(keys)
    assert len(set(seen)) == len(seen)
    assert set(seen[:60]) == set(keys[60:]), "the more urgent first"


@pytest.mark.parametrize(
    "after",
    ["9", "x~y~z", "1~2026-01-01T00:00:00+00:00~" + "a" * 99, "99999999999999~x~y",
     "1~9999-99-99~a", "1~2026-01-01T00:00:00~a", "\0~\0~\0", "²~2026-01-01T00:00:00+00:00~a"],
)  # fmt: skip
def test_a_hostile_place_begins_anew(filled, intake, after):
    assert len(order(intake.get(f"/queue?after={quote(after)}"))) == 4


def test_taking_the_next_of_what_is_asked_for(filled, desk, intake, reviewer):
    page = intake.client.post("/queue/next", {})
    assert page.status_code == 403, "no token, no deed"
    page = intake.send("/queue?app=WhatsApp", "/queue/next")
    assert page.status_code == 302
    assert page["Location"] == f"/complaints/{filled['small']}?app=WhatsApp&done=taken"
    assert "Anda tangani sampai" in intake.text(page["Location"])
    assert intake.send(page["Location"], "/queue/next")["Location"].startswith(
        f"/complaints/{filled['old']}?app=WhatsApp"
    )
    page = intake.send("/queue?app=WhatsApp", "/queue/next")
    assert page["Location"] == "/queue?app=WhatsApp&done=none-free"
    assert "Tidak ada yang bebas" in intake.text(page["Location"])
    said = reviewer.text("/queue?held=others")
    assert said.count("intake") == 2, "others see who has it"
    assert "Sedang Anda tangani 2" in intake.text("/queue")


def test_what_a_colleague_has_is_not_acted_on(filled, desk, intake, officer, commissioner):
    key = filled["danger"]
    path = f"/complaints/{key}"
    assert intake.send(path, "/take").status_code == 302
    said = officer.text(path)
    assert "intake sedang menangani aduan ini" in said
    assert "Tulis kepada pelapor" not in said, "no form that would be refused"
    for action, values in (
        ("answer", {"text": "x"}), ("take", {}), ("release", {}),
        ("hand-over", {"colleague": "reviewer"}), ("case", {"case": "K-2026-0001"}),
    ):  # fmt: skip
        page = officer.post(f"{path}/{action}", **values)
        assert page.status_code == 422, action
        assert "intake sedang menangani aduan ini" in text_of(page)
    refused = officer.post(
        "/cases/new", title="x", platform="y", words="z", promised="2026-12-01", complaint=key
    )
    assert refused.status_code == 422
    assert len(desk.house.log.stream(f"complaint:{key}")) == 2
    assert officer.send(path, "/seal").status_code == 302, "sealing never waits"


def test_handing_over_and_giving_back(filled, desk, intake, staff, officer):
    key = filled["danger"]
    path = f"/complaints/{key}"
    staff(Role.MINISTRY)
    intake.send(path, "/take")
    page = intake.get(path).content.decode()
    assert '<option value="case-officer">' in page
    assert '<option value="ministry">' not in page
    assert intake.post(f"{path}/hand-over", colleague="ministry").status_code == 422
    assert intake.send(path, "/hand-over", colleague="case-officer").status_code == 302
    assert "case-officer sedang menangani" in intake.text(path)
    assert officer.send(path, "/release").status_code == 302
    assert desk.house.complaint(key).triage.holder == ""


def test_a_sealed_one_is_never_in_the_queue(filled, desk, intake, officer):
    key = filled["danger"]
    intake.send(f"/complaints/{key}", "/take")
    officer.send(f"/complaints/{key}", "/seal")
    for path in ("/queue", "/queue.csv", "/queue?held=mine", "/queue?urgency=urgent"):
        page = intake.get(path).content.decode()
        assert key not in page, path
        assert "diancam" not in page, path
    assert not QueueRow.objects.filter(complaint=key).exists()
    assert "Sedang Anda tangani" not in intake.text("/queue")


def test_what_is_in_a_case_or_withdrawn_does_not_wait(filled, desk, intake):
    stories.opened(intake, filled["danger"])
    from perisai.desk.actors import PUBLIC
    from perisai.desk.complaints import domain

    desk.house.change_complaint(filled["small"], PUBLIC, domain.withdraw)
    assert order(intake.get("/queue")) == [filled["teen"], filled["old"]]
    assert desk.house.rebuild(write=False) == []


def test_what_was_told_cannot_script_or_compute(desk, intake):
    told(desk.house, what="<script>alert(1)</script>", app="=1+1", words="<b>")
    page = intake.get("/queue").content.decode()
    assert "<script>alert" not in page
    row = intake.get("/queue.csv").content.decode()
    assert "'=1+1" in row


def test_likely_ones_are_joined_and_parted_by_hand(desk, intake):
    said = {"app": "WhatsApp", "words": "kucing lucu"}
    first, second, third = (told(desk.house, **said) for _ in range(3))
    path = f"/complaints/{second}"
    assert "kata pencarian yang sama" in intake.text(path)
    page = intake.post(f"{path}/same", other=first)
    assert page.status_code == 302
    assert "2 aduan tentang hal yang sama" in intake.text("/queue")
    assert "Digabung karena petugas" in intake.text(path)
    assert intake.send(path, "/apart", other=third).status_code == 302
    assert "Mungkin tentang hal yang sama" not in intake.text(path)
    assert intake.send(f"/complaints/{first}", f"{second}/part").status_code == 302
    assert "aduan tentang hal yang sama" not in intake.text("/queue")
    for other in ("", "x", "a-0123456789abcdef", first + "0"):
        assert intake.post(f"{path}/same", other=other).status_code in (404, 422), other
    assert desk.house.rebuild(write=False) == []
