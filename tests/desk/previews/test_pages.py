"""The page of a preview: nothing is loaded until it is asked for, and never more than one step."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from perisai.desk.permissions import Role
from perisai.desk.web.running import use
from tests.desk.previews.conftest import clip
from tests.desk.web import stories
from tests.desk.web.visiting import text_of

DATA = re.compile(r'src="data:image/jpeg;base64,([^"]+)"')


@pytest.fixture
def place(desk, store, intake, reviewer):
    """The address of a preview of a sample that a reviewer has screened."""
    complaint = stories.entered(intake)
    case = stories.opened(intake, complaint)
    file = SimpleUploadedFile("clip.gif", clip(), "image/gif")
    stories.screened(reviewer, case, complaint, file=file)
    return re.search(r"/cases/\S+/preview", reviewer.get(f"/cases/{case}").content.decode())[0]


def pictures(page):
    return [
        Image.open(io.BytesIO(base64.b64decode(each)))
        for each in DATA.findall(page.content.decode())
    ]


def step(person, place, number):
    return person.post(place, step=number)


def opened(house, place):
    facts = house.log.stream(f"case:{place.split('/')[2]}")
    return [(each.by, each.data["step"]) for each in facts if each.kind == "preview.opened"]


def test_read_first_then_step_by_step(desk, reviewer, place):
    page = reviewer.get(place)
    body = page.content.decode()
    assert page.status_code == 200
    assert "<img" not in body
    assert "data:" not in body
    assert body.index("Baca dulu") < body.index("Gambar tertutup")
    assert "Aturan yang memutuskan" in body
    assert opened(desk.house, place) == []
    sizes, modes = [], []
    for number in range(1, 6):
        page = reviewer.send(place, "/preview") if number == 1 else step(reviewer, place, number)
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        found = pictures(page)
        sizes.append({max(each.size) for each in found})
        modes.append({each.mode for each in found})
        assert len(found) == (3 if number == 5 else 1)
        assert opened(desk.house, place)[-1] == ("reviewer:reviewer", number)
        if number < 5:
            assert f'name="step" value="{number + 1}"' in page.content.decode()
    assert sizes == [{96}, {96}, {320}, {320}, {200}]
    assert modes == [{"L"}, {"L"}, {"L"}, {"RGB"}, {"RGB"}]
    assert 'name="step"' not in page.content.decode(), "there is nothing more"
    assert "<img" not in reviewer.get(place).content.decode(), "a reload shows nothing"


def test_what_the_first_step_shows_is_blurred(reviewer, place):
    (blurred,), (small,) = (pictures(step(reviewer, place, each)) for each in (1, 2))
    apart = [
        np.abs(np.diff(np.asarray(each).astype(int), axis=1)).mean() for each in (blurred, small)
    ]
    assert apart[0] * 4 < apart[1]


def test_no_step_is_passed_over_and_no_nonsense_taken(desk, reviewer, place):
    for number in ("2", "5", "6", "0", "-1", "x", ""):
        page = step(reviewer, place, number)
        assert page.status_code == 422, number
        assert pictures(page) == []
    assert opened(desk.house, place) == []


def test_asks_for_the_password_again(desk, reviewer, place):
    reviewer.typed_password(seconds_ago=3600)
    page = reviewer.send(place, "/preview")
    assert page["Location"].startswith("/account/confirm")
    assert opened(desk.house, place) == []


def test_put_away(reviewer, place):
    step(reviewer, place, 1)
    page = step(reviewer, place, 2)
    assert f"{place}/close" in page.content.decode()
    assert reviewer.post(f"{place}/close")["Location"] == f"{place}?done=preview-closed"
    assert step(reviewer, place, 3).status_code == 422


def test_sealed_from_here(desk, reviewer, officer, intake, place):
    page = step(reviewer, place, 1)
    seal = place.replace("/preview", "/seal")
    assert f'data-seal="{seal}"' in page.content.decode()
    assert reviewer.post(seal).status_code == 302
    for person in (reviewer, officer, intake):
        assert person.get(place).status_code in (403, 404)
        assert person.post(place, step=1).status_code in (403, 404)
    assert not [each for each in desk.house.previews.folder.rglob("*") if each.is_file()]
    case = place.split("/")[2]
    assert "dihapus karena disegel" in reviewer.text(f"/cases/{case}")
    assert desk.house.rebuild(write=False) == []


def test_what_others_may_see(desk, intake, officer, commissioner, staff, reviewer, place):
    step(reviewer, place, 1)
    case = place.split("/")[2]
    for person in (intake, officer, commissioner, staff(Role.MINISTRY), staff(Role.AUDITOR)):
        assert person.get(place).status_code == 403
        assert person.post(place, step=1).status_code == 403
        text = person.text(f"/cases/{case}")
        assert "Lihat pratinjau" not in text
        assert ("membuka pratinjau" in text) is (person.role is Role.AUDITOR)
    assert "membuka pratinjau" in reviewer.text(f"/cases/{case}")
    assert "lain" in text_of(reviewer.get(place))
    stranger = reviewer.client.__class__(SERVER_NAME="127.0.0.1")
    assert stranger.get(place).status_code == 302


def test_enough_for_today(desk, clock, reviewer, staff, place):
    few = desk.settings.desk.model_copy(update={"viewing_minutes": 1})
    use(replace(desk, settings=desk.settings.model_copy(update={"desk": few})))
    assert "0 dari 1 menit" in reviewer.text("/")
    step(reviewer, place, 1)
    clock.on(minutes=2)
    page = step(reviewer, place, 2)
    assert page.status_code == 422
    assert pictures(page) == []
    assert "Cukup untuk hari ini" in text_of(page)
    text = reviewer.get(place)
    assert "rekan Anda yang melanjutkan" in text_of(text)
    assert 'name="step"' not in text.content.decode()
    reviewer.client.cookies["perisai-desk-language"] = "en"
    assert "a colleague goes on" in reviewer.text(place)
    assert "1 of 1 minutes" in reviewer.text("/")
    assert pictures(step(staff(Role.REVIEWER, "lain"), place, 1))


def test_figures_and_who(desk, clock, reviewer, commissioner, officer, staff, place):
    step(reviewer, place, 1)
    clock.on(minutes=2)
    for person in (reviewer, commissioner, officer):
        assert person.get("/viewers").status_code == 403
        assert person.get("/viewers.csv").status_code == 403
        assert "/viewers" not in person.get("/figures").content.decode()
    page = commissioner.text("/figures")
    assert "Menit melihat pratinjau" in page
    assert "viewing-title" in commissioner.get("/figures").content.decode(), "drawn"
    sheet = commissioner.get("/figures/viewing.csv").content.decode("utf-8-sig")
    assert sheet.splitlines()[0] == "Hari,Menit,Langkah dibuka"
    assert sheet.splitlines()[-1] == "2026-11-06,1,1"
    auditor = staff(Role.AUDITOR)
    assert "/viewers" in auditor.get("/figures").content.decode()
    assert "6 Nov 2026 reviewer 1 1" in auditor.text("/viewers")
    assert "2026-11-06,reviewer,1,1" in auditor.get("/viewers.csv").content.decode()


def test_a_second_opinion_sees_it_and_nothing_of_the_first(desk, reviewer, staff, place):
    desk.house.second_share = 1.0
    case = place.split("/")[2]
    stories.confirmed(reviewer, case)
    second = staff(Role.REVIEWER, "penelaah.dua")
    assert place in second.get(f"/second/{case}").content.decode()
    page = second.get(place)
    assert page.status_code == 200
    assert "terlihat jelas" not in page.content.decode(), "the reason of the first"
    assert f"/second/{case}" in page.content.decode()
    assert pictures(step(second, place, 1))


def test_a_house_that_keeps_none(desk, store, intake, reviewer):
    none = desk.settings.desk.model_copy(update={"preview_days": 0})
    use(replace(desk, settings=desk.settings.model_copy(update={"desk": none})))
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    (sample,) = desk.house.case(case).samples
    page = reviewer.text(f"/cases/{case}/samples/{sample.sha256}/preview")
    assert "tidak menyimpan pratinjau" in page
    assert not store.folder.exists()
    assert "Lihat pratinjau" not in reviewer.text(f"/cases/{case}")
    missing = f"/cases/{case}/samples/{'0' * 64}/preview"
    assert reviewer.get(missing).status_code == 404
