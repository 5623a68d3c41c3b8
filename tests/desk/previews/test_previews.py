"""Previews: small, encrypted, opened step by step, and gone when sealed or when their day comes."""

from __future__ import annotations

import io
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from perisai import settings as settings_package
from perisai.desk.actors import HOUSE, Actor
from perisai.desk.cases import domain as cases
from perisai.desk.permissions import Role
from perisai.desk.previews import domain, pictures, services
from perisai.desk.previews.models import PreviewRow
from perisai.errors import NotAllowed, NotYet, StorageError, WorkerDied
from perisai.storage.facts.models import PersonKey
from tests.desk.conftest import AUDITOR, COMMISSIONER, INTAKE, OFFICER, REVIEWER, actor
from tests.desk.previews.conftest import HEIGHT, WIDTH, clip, still

OTHER = Actor("lain", Role.REVIEWER)


def files(store):
    return [each.read_bytes() for each in store.folder.rglob("*") if each.is_file()]


def kinds(house, case):
    return [each.kind for each in house.history(case)[1]]


def look(house, chosen, case, sha256, step, by=REVIEWER):
    found = services.look(house, chosen, by, case, sha256, step)
    return [Image.open(io.BytesIO(each)) for each in found]


def settings(chosen, **more):
    return chosen.model_copy(update={"desk": chosen.desk.model_copy(update=more)})


def test_none_unless_the_house_says_so(tmp_path):
    assert settings_package.load(env={}, home=tmp_path).desk.preview_days == 0


@pytest.mark.on_both
def test_kept_small_and_encrypted_with_nothing_of_the_file(house, chosen, store, case, kept, clock):
    data = clip()
    sha256 = kept(data)
    (box,) = files(store)
    known = house.case(case).previews[sha256]
    assert (known.frames, known.until) == (4, clock.now + timedelta(days=7))
    frames = pictures.unpacked(house.people.open_bytes(known.key, box))
    for each in frames:
        with Image.open(io.BytesIO(each)) as picture:
            assert (picture.format, max(picture.size)) == ("WEBP", 320)
            assert not picture.getexif()
        assert each not in box
        assert data[:64] not in each
    assert house.history(case)[1][-1].by == REVIEWER.by
    assert house.rebuild(write=False) == []


def test_each_step_shows_more_and_none_is_passed_over(house, chosen, case, kept):
    sha256 = kept()
    for step in (2, 3, 4, 5):
        with pytest.raises(NotYet, match="step by step"):
            services.look(house, chosen, REVIEWER, case, sha256, step)
    assert "preview.opened" not in kinds(house, case)
    (blurred,) = look(house, chosen, case, sha256, 1)
    with pytest.raises(NotYet, match="step by step"):
        services.look(house, chosen, REVIEWER, case, sha256, 3)
    with pytest.raises(NotYet, match="step by step"):
        services.look(house, chosen, OTHER, case, sha256, 2)
    (small,) = look(house, chosen, case, sha256, 2)
    (larger,) = look(house, chosen, case, sha256, 3)
    (coloured,) = look(house, chosen, case, sha256, 4)
    others = look(house, chosen, case, sha256, 5)
    assert [each.size for each in (blurred, small)] == [(96, 72), (96, 72)]
    assert [each.size for each in (larger, coloured)] == [(320, 240), (320, 240)]
    assert [each.mode for each in (blurred, small, larger)] == ["L", "L", "L"]
    assert coloured.mode == "RGB"
    assert np.ptp(np.asarray(coloured).astype(int), axis=2).max() > 60, "colour is there"
    assert sharpness(small) > 4 * sharpness(blurred)
    assert len(others) == 3
    assert all(max(each.size) == 200 and not getattr(each, "is_animated", 0) for each in others)
    told = [f.data for f in house.history(case)[1] if f.kind == "preview.opened"]
    assert [(each["step"], each["sha256"]) for each in told] == [(n, sha256) for n in range(1, 6)]
    assert house.rebuild(write=False) == []


def sharpness(picture):
    """How far neighbours are apart."""
    return float(np.abs(np.diff(np.asarray(picture.convert("L")).astype(int), axis=1)).mean())


def test_a_sitting_ends_by_putting_away_and_by_time(house, chosen, case, kept, clock):
    sha256 = kept()
    for step in (1, 2, 1, 2, 3):
        look(house, chosen, case, sha256, step)
    services.put_away(house, REVIEWER, case, sha256)
    services.put_away(house, REVIEWER, case, sha256)
    assert kinds(house, case).count("preview.closed") == 1
    with pytest.raises(NotYet, match="step by step"):
        look(house, chosen, case, sha256, 2)
    look(house, chosen, case, sha256, 1)
    clock.on(minutes=11)
    with pytest.raises(NotYet, match="step by step"):
        look(house, chosen, case, sha256, 2)


def test_one_frame_has_no_others(house, chosen, case, kept):
    sha256 = kept(still())
    for step in (1, 2, 3, 4):
        look(house, chosen, case, sha256, step)
    with pytest.raises(NotYet, match="step by step"):
        look(house, chosen, case, sha256, 5)


def test_never_kept(house, chosen, store, case, kept):
    kept(clip(3), there=False, findings=[{"label": "abuse", "frame": None}])
    kept(clip(4), there=False, error="cannot be decoded")
    complaint = house.receive({"what": "x", "link": "https://x.example/1"}).id
    house.join(case, complaint, INTAKE)
    house.seal(complaint, INTAKE)
    kept(clip(5), there=False, complaint=complaint)
    house.seal_sample(case, kept(clip(6)), REVIEWER)
    other = house.open_case(
        OFFICER, title="x", platform="y", words=(), promised=house.clock() + timedelta(days=9)
    ).id
    kept(clip(6), other, there=False)
    assert files(store) == []
    assert kinds(house, case).count("preview.kept") == 1
    off = settings(chosen, preview_days=0)
    sample = {"sha256": "0" * 64, "findings": []}
    assert not services.keep(house, off, REVIEWER, case, clip(), sample)
    house.previews = None
    kept(clip(7), there=False)


def test_a_file_that_cannot_be_decoded_or_a_full_disk_keeps_nothing(
    house, store, case, kept, monkeypatch
):
    keys = PersonKey.objects.count()
    kept(b"no picture at all", there=False)

    def full(*_):
        raise StorageError("no room")

    monkeypatch.setattr(store, "put", full)
    kept(there=False)
    assert "preview.kept" not in kinds(house, case)
    assert PersonKey.objects.count() == keys
    assert len(house.case(case).samples) == 2, "what was screened stands"


@pytest.mark.parametrize(
    "pixels",
    [
        None,
        np.zeros((321, 4, 3), np.uint8),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 0, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
    ],
)
def test_what_a_decoder_sends_is_not_believed(pixels):
    with pytest.raises(WorkerDied):
        pictures._kept(pixels)


@pytest.mark.on_both
@pytest.mark.parametrize("way", ["sample", "complaint", "house", "elsewhere", "moved", "named"])
def test_sealing_destroys_key_and_bytes_at_once(house, chosen, store, case, kept, way):
    complaint = house.receive({"what": "x", "link": "https://x.example/1"}).id
    house.join(case, complaint, INTAKE)
    sha256 = kept(complaint=complaint)
    look(house, chosen, case, sha256, 1)
    keys = PersonKey.objects.count()
    if way == "sample":
        after = house.seal_sample(case, sha256, INTAKE)
        assert after.previews[sha256].purged
    elif way == "complaint":
        house.seal(complaint, INTAKE)
    elif way == "house":  # one about the same link is sealed: the house seals this one
        twin = house.receive({"what": "y", "link": "https://x.example/1"}).id
        house.seal(twin, INTAKE)
        keys += 1
    elif way == "named":  # as a report of the gateway names a file
        more = {"item": sha256, "sha256": sha256}
        report = house.receive({"what": "y", **more}).id
        keys += 1
        house.seal(report, INTAKE)
    elif way == "elsewhere":
        other = house.open_case(
            OFFICER, title="x", platform="y", words=(), promised=house.clock() + timedelta(days=9)
        ).id
        kept(key=other)
        keys += 1
        house.seal_sample(other, sha256, REVIEWER)
        assert house.case(case).samples[0].sealed, "there, too"
    else:
        from perisai.desk.cases import services as moving

        moving.split(
            house, OFFICER, case, [complaint], title="x", reason="y",
            promised=house.clock() + timedelta(days=9),
        )  # fmt: skip
        house.seal(complaint, INTAKE)
    assert files(store) == []
    gone = 2 if way == "elsewhere" else 1
    assert PersonKey.objects.count() == keys - gone
    known = house.case(case).previews[sha256]
    assert (known.why, known.purged) == ("sealed", house.clock())
    (fact,) = [f for f in house.history(case)[1] if f.kind == "preview.purged"]
    assert fact.by == HOUSE.by
    with pytest.raises(NotYet):
        services.look(house, chosen, REVIEWER, case, sha256, 1)
    assert house.rebuild(write=False) == []
    assert house.log.verify() is None


def test_undoing_a_seal_brings_no_preview_back(house, chosen, store, case, kept):
    from perisai.desk.seals import services as seals

    sha256 = kept()
    house.seal_sample(case, sha256, REVIEWER)
    seals.question(house, OTHER, case, "keliru", sha256)
    seals.lift(house, COMMISSIONER, case, sha256)
    assert not house.case(case).samples[0].sealed
    with pytest.raises(NotYet, match="was deleted"):
        services.look(house, chosen, REVIEWER, case, sha256, 1)
    assert house.rebuild(write=False) == []


def test_a_seal_that_fails_leaves_all_as_it_was(house, chosen, store, case, kept, monkeypatch):
    sha256 = kept()
    keys = PersonKey.objects.count()
    with monkeypatch.context() as patch:
        patch.setattr("perisai.desk.house.House._seal_with", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            house.seal_sample(case, sha256, REVIEWER)
    assert len(files(store)) == 1
    assert PersonKey.objects.count() == keys
    assert look(house, chosen, case, sha256, 1)


@pytest.mark.on_both
def test_the_day_comes(house, chosen, store, case, kept, clock):
    sha256 = kept()
    clock.on(days=6, hours=23)
    assert services.purge_due(house, chosen) == 0
    clock.on(hours=1)
    with pytest.raises(NotYet, match="was deleted"):
        services.look(house, chosen, REVIEWER, case, sha256, 1)
    assert services.purge_due(house, chosen) == 1
    assert services.purge_due(house, chosen) == 0
    assert files(store) == []
    assert house.case(case).previews[sha256].why == "over"
    assert PreviewRow.objects.get().purged == clock.now
    assert house.rebuild(write=False) == []


def test_switching_off_destroys_what_is_kept(house, chosen, store, case, kept):
    sha256 = kept()
    assert services.purge_due(house, settings(chosen, preview_days=0)) == 1
    assert files(store) == []
    assert house.case(case).previews[sha256].why == "off"


def test_bytes_that_a_crash_left_go_with_the_next_purge(
    house, chosen, store, case, kept, monkeypatch
):
    sha256 = kept()

    def stuck(_):
        raise StorageError("not now")

    with monkeypatch.context() as patch:
        patch.setattr(store, "delete", stuck)
        house.seal_sample(case, sha256, REVIEWER)
    (box,) = files(store)
    key = house.case(case).previews[sha256].key
    assert house.people.open_bytes(key, box) is None, "nobody can read what is left"
    services.purge_due(house, chosen)
    assert files(store) == []


def test_a_backup_has_none_and_that_is_said(house, chosen, store, case, kept):
    sha256 = kept()
    for each in list(store.shas()):
        store.delete(each)
    with pytest.raises(NotYet, match="was deleted"):
        services.look(house, chosen, REVIEWER, case, sha256, 1)
    assert "preview.opened" not in kinds(house, case)
    assert services.purge_due(house, chosen) == 1
    assert house.case(case).previews[sha256].why == "lost"


def test_who_may(house, chosen, case, kept):
    sha256 = kept()
    named = (INTAKE, OFFICER, COMMISSIONER, AUDITOR)
    for each in (*named, actor(Role.MINISTRY), actor(Role.PLATFORM), actor(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            services.look(house, chosen, each, case, sha256, 1)
    house.change_case(case, OFFICER, lambda c: cases.name_conflict(c, OFFICER, "reviewer"))
    with pytest.raises(NotAllowed, match="party"):
        services.look(house, chosen, REVIEWER, case, sha256, 1)
    with pytest.raises(NotYet, match="no such sample"):
        services.look(house, chosen, OTHER, case, "0" * 64, 1)
    assert look(house, chosen, case, sha256, 1, OTHER)


def test_a_second_opinion_sees_the_preview_before_the_case_opens(house, chosen, case, kept):
    sha256 = kept()
    house.second_share = 1.0
    house.change_case(case, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "rahasia"))
    with pytest.raises(NotAllowed, match="second opinion first"):
        cases.read(house.case(case), OTHER)
    assert look(house, chosen, case, sha256, 1, OTHER)


def test_which_frames(house, chosen):
    frames = pictures.made(chosen, clip(14), [2, 12])
    assert len(frames) == 9
    with Image.open(io.BytesIO(frames[0])) as first:
        assert first.size == (320, 320 * HEIGHT // WIDTH)
    assert domain.last(type("P", (), {"frames": 1})) == domain.COLOUR
