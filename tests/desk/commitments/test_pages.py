"""Commitments on the page of their case."""

from __future__ import annotations

from tests.desk.web import stories
from tests.desk.web.visiting import text_of

MEASURED = {"words": "kucing", "band": "10-12", "source": "dengan tangan"}


def test_measures_are_offered_and_shown(desk, clock, intake, officer):
    case = stories.opened(intake, stories.entered(intake))
    page = f"/cases/{case}"
    assert "No search was measured yet" in officer.text(page) or "Belum ada pencarian" in (
        officer.text(page)
    )
    officer.send(page, "/measured", **MEASURED, shown="17", withheld="3")
    told = {"party": "Contoh", "what": "saring", "due": "2026-12-01", "way": "search"}
    refused = officer.send(page, "/commitments", **told)
    assert refused.status_code == 422
    assert "Ukur dulu pencariannya" in text_of(refused)
    assert officer.send(page, "/commitments", **told, search="10-12|anjing").status_code == 422
    assert officer.send(page, "/commitments", **told, search="10-12|kucing").status_code == 302
    assert "Pencarian “kucing” diukur lagi" in officer.text(page)
    clock.on(days=3)
    refused = officer.send(page, "/c-1/judge", outcome="kept")
    assert refused.status_code == 422
    assert "ukur lagi pencarian ini dulu" in text_of(refused)
    officer.send(page, "/measured", **MEASURED, shown="20", withheld="0")
    # The first and the last of the measures are chosen already: nothing else has to be.
    assert officer.send(page, "/c-1/judge", outcome="kept").status_code == 302
    shown = officer.text(page)
    promise = shown[shown.index("Pencarian “kucing” diukur lagi") :]
    assert promise.index("17 tampil, 3 ditahan") < promise.index("20 tampil, 0 ditahan")
    assert (
        officer.send(page, "/commitments", **told | {"way": "check"}, verify="x").status_code == 302
    )


def test_nothing_is_judged_that_nobody_promised(desk, intake, officer):
    case = stories.opened(intake, stories.entered(intake))
    sent = officer.post(
        f"/cases/{case}/commitments/c-9/judge", outcome="kept", before="x", after="y"
    )
    assert sent.status_code == 422
    assert officer.post("/cases/K-2026-0999/commitments", what="x").status_code == 404
