"""What happens at the desk, done over its pages as people do it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.common import screening
from tests.desk.web.visiting import PLATFORM

if TYPE_CHECKING:
    from tests.desk.web.visiting import Staff

TOLD = {
    "source": "phone", "app": "WhatsApp", "words": "kucing lucu",
    "link": "https://gif.example/view/1", "when": "kemarin", "what": "GIF yang tidak pantas",
    "age": "8", "reporter": "Ibu Ani, 0812",
}  # fmt: skip
LETTER = {
    "address": "Jalan Contoh 1, Jakarta", "agenda": "GIF dalam pencarian",
    "questions": "Sejak kapan?\nApa yang dilakukan?", "documents": "Kebijakan konten",
    "place": "Kantor, ruang 2", "at": "2026-11-16T13:00", "reply_days": "3",
}  # fmt: skip
MEASURED = {"words": "kucing lucu", "band": "6-9", "source": "tangan"}


def entered(intake: Staff, **told: str) -> str:
    """Enter a complaint; return its number."""
    page = intake.send("/complaints/new", "/complaints/new", **{**TOLD, **told})
    assert page.status_code == 201, page.content.decode()
    return re.search(r"a-[0-9a-f]{16}", page.content.decode())[0]


def opened(intake: Staff, complaint: str = "", platform: str = PLATFORM, **told: str) -> str:
    """Open a case; return its number."""
    path = f"/cases/new?complaint={complaint}" if complaint else "/cases/new"
    told = {"title": "GIF tidak pantas dalam pencarian", "platform": platform} | told
    page = intake.send(path, "/cases/new", **told)
    assert page.status_code == 302, page.content.decode()
    return re.search(r"K-\d{4}-\d+", page["Location"])[0]


def gif(*, explicit: bool = True) -> SimpleUploadedFile:
    """A drawn clip; ``explicit``: with the mark that the tiny model looks for."""
    frames = screening.scene(4)
    data = screening.clip([screening.marked(each) for each in frames] if explicit else frames)
    return SimpleUploadedFile("clip.gif", data, "image/gif")


def screened(reviewer: Staff, case: str, complaint: str = "", **more: object) -> None:
    """Have a file looked at."""
    given = {"file": gif(), "seen_at": "hasil ke-3", "complaint": complaint, "no_child": "on"}
    page = reviewer.send(f"/cases/{case}", "/samples", **{**given, **more})
    assert page.status_code == 302, page.content.decode()


def confirmed(reviewer: Staff, case: str) -> None:
    """Find the claim confirmed."""
    page = reviewer.send(f"/cases/{case}", "/claim", outcome="confirmed", reason="terlihat jelas")
    assert page.status_code == 302, page.content.decode()


def invited(officer: Staff, commissioner: Staff, case: str) -> str:
    """Write, agree to and send a letter; return the link for the reply."""
    assert officer.send(f"/cases/{case}", "/letters", **LETTER).status_code == 302
    assert commissioner.send(f"/cases/{case}", "/s-1/agree").status_code == 302
    page = officer.send(f"/cases/{case}", "/s-1/send", how="kurir")
    assert page.status_code == 201, page.content.decode()
    return re.search(r"http://\S+/jawab/[\w-]+", page.content.decode())[0]


def measured(officer: Staff, case: str, shown: int, withheld: int) -> None:
    """Write a measurement down."""
    counts = {"shown": shown, "withheld": withheld}
    page = officer.send(f"/cases/{case}", "/measured", **MEASURED, **counts)
    assert page.status_code == 302, page.content.decode()
