"""The first slice by role, as people at the desk do it in a browser."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from perisai.desk.permissions import Role
from tests.common import screening
from tests.common.browsers import follow
from tests.desk.web.running import NAMES, PASSWORD, PLATFORM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

WHERE = "pencarian GIF, kata “kucing lucu”, hasil ke-3"
SOON = datetime.now() + timedelta(days=20)  # noqa: DTZ005 - only a day is wanted


MEASURED = {"words": "kucing lucu", "band": "6-9", "source": "dengan tangan, akun usia 9"}


def fill(page: Page, form: str, **values: str) -> None:
    """Open a form of a case's page, fill it and send it."""
    if not page.locator(f"#do-{form}[open]").count():
        page.click(f"#do-{form} > summary")
    for name, value in values.items():
        field = page.locator(f"#{form}-{name}")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def send(page: Page, form: str, **values: str) -> None:
    fill(page, form, **values)
    follow(page, f"#do-{form} button.main")


def once_more(page: Page, role: Role) -> None:
    """Type the password again, if it is asked for."""
    if "/account/confirm" in page.url:
        page.fill("[name=password]", PASSWORD.format(NAMES[role]))
        follow(page, "main button.main")


def first_slice(person: Callable[[Role], Page]) -> Iterator[tuple[str, Page]]:
    """Walk it; yields a name for each state, and the page that shows it."""
    intake = person(Role.INTAKE)
    yield from complained(intake)
    case = intake.url.partition("?")[0]
    officer, commissioner = person(Role.CASE_OFFICER), person(Role.COMMISSIONER)
    officer.goto(case)
    send(officer, "measured", **MEASURED, shown="17", withheld="3")
    yield from decided(person(Role.REVIEWER), case)
    yield from listed(person(Role.REVIEWER), commissioner, case)
    yield from invited(officer, commissioner, case)
    yield from answered(person(Role.PLATFORM))
    yield from published(officer, commissioner, case)
    for name in (
        f"{case}/links", "/cases", "/letters", "/commitments", "/platforms",
        "/platform?name=Contoh+Pesan",
    ):  # fmt: skip
        officer.goto(name)
        yield name, officer
    yield from others(person, case)


def complained(intake: Page) -> Iterator[tuple[str, Page]]:
    """A complaint by phone becomes a case."""
    yield "home-empty", intake
    intake.goto("/complaints/new")
    yield "complaint-new", intake
    for name, value in {
        "app": "WhatsApp", "words": "kucing lucu", "link": "https://gif.example/lihat/1",
        "when": "kemarin malam", "what": "GIF yang tidak pantas di hasil ketiga",
        "age": "8", "reporter": "Ibu Ani, 0812-0000-0000",
    }.items():  # fmt: skip
        intake.fill(f"#enter-{name}", value)
    follow(intake, "main button.main")
    yield "complaint-receipt", intake
    intake.goto("/complaints")
    yield "complaints", intake
    intake.goto("/")
    follow(intake, ".list a")
    follow(intake, "text=Buka kasus dari aduan ini")
    intake.fill("#open-case-title", "GIF tidak pantas dalam pencarian")
    intake.fill("#open-case-platform", PLATFORM)
    yield "case-new", intake
    follow(intake, "main button.main")
    yield "case-opened", intake


def decided(reviewer: Page, case: str) -> Iterator[tuple[str, Page]]:
    """A sample is screened, and the claim confirmed by keyboard."""
    yield "home-reviewer", reviewer
    reviewer.goto(case)
    fill(reviewer, "sample", seen_at=WHERE)
    clip = screening.clip([screening.marked(each) for each in screening.scene(4)])
    given = {"name": "x.gif", "mimeType": "image/gif", "buffer": clip}
    reviewer.set_input_files("#sample-file", given)
    reviewer.select_option("#sample-complaint", index=1)
    reviewer.check("#sample-no_child")
    yield "sample-form", reviewer
    follow(reviewer, "#do-sample button.main")
    yield "sample-screened", reviewer
    reviewer.keyboard.press("1")
    reviewer.keyboard.type("Terlihat jelas pada bingkai kedua.")
    follow(reviewer, ".decide button.main")
    yield "claim-decided", reviewer


def listed(reviewer: Page, commissioner: Page, case: str) -> Iterator[tuple[str, Page]]:
    """The sample is proposed for the house's block list, and somebody else agrees."""
    reviewer.goto(case)
    sample = str(reviewer.locator("article.sample").first.get_attribute("id")).partition("-")[2]
    reason = "Gambar telanjang dalam pencarian kata anak."
    send(reviewer, f"list-propose-{sample}", category="explicit", reason=reason)
    yield "list-proposed", reviewer
    commissioner.goto("/")
    follow(commissioner, f"text={reason}")
    fill(commissioner, f"list-agree-{sample}")
    if commissioner.locator(f"#list-agree-{sample}-gap").count():
        commissioner.check(f"#list-agree-{sample}-gap")
    yield "list-to-agree", commissioner
    follow(commissioner, f"#do-list-agree-{sample} button.main")
    once_more(commissioner, Role.COMMISSIONER)
    yield "list-agreed", commissioner
    commissioner.goto("/list")
    yield "list", commissioner


def invited(officer: Page, commissioner: Page, case: str) -> Iterator[tuple[str, Page]]:
    """A letter is written by one, agreed to by another, and sent."""
    officer.goto(case)
    send(
        officer, "draft", address="Jalan Contoh 1, Jakarta", agenda="GIF dalam pencarian",
        questions="Sejak kapan diketahui?\nApa yang dilakukan?", documents="Kebijakan konten",
        place="Kantor, ruang 2", at=f"{SOON:%Y-%m-%d}T13:00",
    )  # fmt: skip
    yield "letter-draft", officer

    commissioner.goto("/")
    yield "home-commissioner", commissioner
    commissioner.goto(case)
    send(commissioner, "agree-s-1")
    yield "password-again", commissioner
    once_more(commissioner, Role.COMMISSIONER)
    yield "letter-agreed", commissioner

    officer.goto(case)
    send(officer, "send-s-1", how="surel dan kurir")
    yield "letter-sent", officer
    officer.goto("/outbox")
    yield "outbox", officer


def answered(liaison: Page) -> Iterator[tuple[str, Page]]:
    """The platform answers with its own account."""
    yield "home-liaison", liaison
    follow(liaison, ".list a")
    liaison.fill("#reply-text", "Sumbernya sudah ditutup pada hari yang sama.")
    yield "mail", liaison
    follow(liaison, "main button.main")


def published(officer: Page, commissioner: Page, case: str) -> Iterator[tuple[str, Page]]:
    """A promise, measured again, and the public result."""
    officer.goto(case)
    send(
        officer, "promise", what="Menyaring hasil untuk akun anak", due=f"{SOON:%Y-%m-%d}",
        verify="Kata yang sama diukur ulang",
    )  # fmt: skip
    send(officer, "measured", **MEASURED, shown="20", withheld="0")
    text = "Klaim terkonfirmasi; setelah ditutup, pengukuran ulang tidak menemukannya lagi."
    send(officer, "result", text_id=text, text_en="Confirmed; measured again, nothing is left.")
    commissioner.goto(case)
    follow(commissioner, "text=Setujui hasil ini")
    once_more(commissioner, Role.COMMISSIONER)
    officer.goto(case)
    yield "case-before-publishing", officer
    follow(officer, "button:has-text('Umumkan')")
    once_more(officer, Role.CASE_OFFICER)
    yield "case-published", officer
    fill(officer, "judge-c-1", before="3 dari 20", after="0 dari 20")
    yield "judging", officer


def others(person: Callable[[Role], Page], case: str) -> Iterator[tuple[str, Page]]:
    """What those see who look on."""
    ministry = person(Role.MINISTRY)
    ministry.goto(case)
    send(ministry, "note", text="Dicatat kementerian.")
    yield "case-ministry", ministry
    auditor = person(Role.AUDITOR)
    auditor.goto("/audit")
    follow(auditor, "main button.main")
    yield "audit", auditor
    auditor.goto("/outbox")
    yield "outbox-auditor", auditor
    administrator = person(Role.ADMINISTRATOR)
    administrator.goto("/people")
    yield "people", administrator
    administrator.goto("/account")
    yield "account", administrator
    administrator.goto("/cases")
    yield "refused", administrator
